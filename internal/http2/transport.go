// Package http2 has a round tripper that net/http takes for one of its own.
//
// An [http.Client] with a Timeout cancels a request through its context if the
// round tripper is known to heed that, and otherwise starts a goroutine for each
// request, which lives until the body is closed or the time is over: see
// setRequestCancel and knownRoundTripperImpl in net/http/client.go. What it knows
// besides an *http.Transport is a type that is called *http2.Transport, so this
// one is. Should a Go release ask for more, a client has those goroutines again;
// TestAClientWithATimeoutHasNoGoroutineMore in package resources says so.
package http2

import "net/http"

// A Transport sends requests by a function, which must heed their contexts.
type Transport struct {
	Send      func(*http.Request) (*http.Response, error)
	CloseIdle func()
}

// RoundTrip calls Send.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) { return t.Send(req) }

// CloseIdleConnections calls CloseIdle.
func (t *Transport) CloseIdleConnections() { t.CloseIdle() }
