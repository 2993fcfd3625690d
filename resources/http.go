package resources

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/go-leakcheck/leakcheck/internal/http2"
)

// Transport returns an [http.RoundTripper] that sends requests with base, or
// with [http.DefaultTransport] if base is nil, and tracks the body of each
// response, of kind body and named after the request: "GET
// https://example.com/orders". What may hold secrets is left out: user, query
// and fragment.
//
// A body is tracked until it is closed or read to its end, or the context of
// the request is done, for then net/http closes it. One that can be written to
// is a connection that changed its protocol, see [http.StatusSwitchingProtocols],
// and is tracked until it is closed. A response that cannot have a body is not
// tracked. A body keeps Write, CloseWrite and WriteTo if it has them.
//
// For the connections below, set the DialContext of an [http.Transport] to that
// of a [Dialer]: idle ones are tracked too, until CloseIdleConnections.
//
// A base that Transport returned comes back as it is.
func Transport(base http.RoundTripper, opts ...Option) http.RoundTripper {
	switch base.(type) {
	case *transport, *http2.Transport:
		return base
	}
	t := &transport{base, opts}
	if _, ok := t.underlying().(*http.Transport); ok {
		return &http2.Transport{Send: t.RoundTrip, CloseIdle: t.CloseIdleConnections}
	}
	return t
}

// Client returns a copy of base, or of [http.DefaultClient] if base is nil,
// that sends its requests through [Transport].
func Client(base *http.Client, opts ...Option) *http.Client {
	c := *cmp.Or(base, http.DefaultClient)
	c.Transport = Transport(c.Transport, opts...)
	return &c
}

type transport struct {
	base http.RoundTripper // nil is http.DefaultTransport, whatever that is at the time
	opts []Option
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.underlying().RoundTrip(req)
	if err == nil && resp != nil && hasBody(req, resp) && tracks() {
		resp.Body = newBody(req, resp, t.opts)
	}
	return resp, err
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] calls.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.underlying().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) underlying() http.RoundTripper {
	if t.base == nil {
		return http.DefaultTransport
	}
	return t.base
}

// hasBody reports whether there is anything to close. The empty body of an
// HTTP/2 response is not http.NoBody.
func hasBody(req *http.Request, resp *http.Response) bool {
	switch {
	case resp.Body == nil || resp.Body == http.NoBody:
		return false
	case req.Method == http.MethodHead:
		return false
	case resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified:
		return false
	default:
		return resp.ContentLength != 0 || resp.ProtoMajor != 2
	}
}

// requestName is the method and the address of a request, less what may hold
// secrets.
func requestName(req *http.Request) string {
	method := cmp.Or(req.Method, http.MethodGet)
	if req.URL == nil {
		return method
	}
	u := url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.Path, RawPath: req.URL.RawPath}
	return method + " " + u.String()
}
