// Package clean closes what it opens, or need not: each test is one that a
// checker could take for a leak.
package clean

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/objects/site"
)

// kept holds what nobody closes, so that the collector cannot.
var kept []any

// get asks s for a page and keeps the response.
func get(t *testing.T, s *httptest.Server, page string) *http.Response {
	t.Helper()
	resp, err := s.Client().Get(s.URL + page)
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
	return resp
}

// do sends req and keeps the response.
func do(t *testing.T, s *httptest.Server, req *http.Request) *http.Response {
	t.Helper()
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
	return resp
}

// protocols runs a test over each protocol.
func protocols(t *testing.T, f func(t *testing.T, s *httptest.Server)) {
	t.Run("HTTP1", func(t *testing.T) { f(t, site.Start(t)) })
	t.Run("TLS", func(t *testing.T) { f(t, site.StartTLS(t)) })
	t.Run("HTTP2", func(t *testing.T) { f(t, site.StartHTTP2(t)) })
}

func TestBodyClosed(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		for _, page := range []string{"/length", "/chunked", "/gzip", "/endless", "/empty"} {
			if err := get(t, s, page).Body.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBodyReadToItsEnd(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		for _, page := range []string{"/length", "/chunked", "/gzip", "/moved"} {
			if _, err := io.Copy(io.Discard, get(t, s, page).Body); err != nil {
				t.Error(err)
			}
		}
	})
}

// The length is known, so the last byte is the end.
func TestBodyReadToItsLastByte(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		if _, err := io.ReadFull(get(t, s, "/length").Body, make([]byte, len(site.Text))); err != nil {
			t.Error(err)
		}
	})
}

func TestBodyDecoded(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		var v any
		if err := json.NewDecoder(get(t, s, "/length").Body).Decode(&v); err != nil {
			t.Error(err)
		}
	})
}

func TestBodyThatIsNone(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		get(t, s, "/empty")
		get(t, s, "/nocontent")
		resp, err := s.Client().Head(s.URL + "/length")
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, resp)
	})
}

func TestBodyBroken(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		if _, err := io.ReadAll(get(t, s, "/cut").Body); err == nil {
			t.Error("no error")
		}
	})
}

func TestBodyOfCancelledRequest(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, page := range []string{"/length", "/endless", "/gzip"} {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+page, nil)
			if err != nil {
				t.Fatal(err)
			}
			do(t, s, req)
		}
	})
}

// The response is garbage before the context is over.
func TestBodyOfCancelledRequestCollected(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/length", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Error(resp.Status)
		}
		collect()
	})
}

// collect collects garbage until an object's cleanup has run.
func collect() {
	for range 2 {
		done := make(chan struct{})
		runtime.AddCleanup(new([64]byte), func(done chan struct{}) { close(done) }, done)
		runtime.GC()
		<-done
	}
}

// The old way to cancel.
func TestBodyOfRequestWithCancelChannel(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		req, err := http.NewRequest(http.MethodGet, s.URL+"/endless", nil)
		if err != nil {
			t.Fatal(err)
		}
		cancel := make(chan struct{})
		defer close(cancel)
		req.Cancel = cancel //nolint:staticcheck // that is what the test is about
		do(t, s, req)
	})
}

// getInTime asks s for the page that never ends, with a timeout that leaves time
// for the beginning, and keeps the response.
func getInTime(t *testing.T, s *httptest.Server) *http.Response {
	t.Helper()
	client := *s.Client()
	for client.Timeout = 50 * time.Millisecond; ; client.Timeout *= 2 {
		resp, err := client.Get(s.URL + "/endless")
		if err == nil {
			kept = append(kept, resp)
			return resp
		}
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Fatal(err)
		}
	}
}

func TestBodyAfterTimeout(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		<-getInTime(t, s).Request.Context().Done()
	})
}

// What the reader sees depends on who hangs up first.
func TestBodyReadUntilTimeout(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		_, _ = io.Copy(io.Discard, getInTime(t, s).Body)
	})
}

func TestBodyOfRedirect(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		_ = get(t, s, "/moved").Body.Close()
		resp, err := s.Client().Post(s.URL+"/kept", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
}

func TestBodyOfRedirectRefused(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		client := *s.Client()
		refused := errors.New("refused")
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return refused }
		resp, err := client.Get(s.URL + "/moved")
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		kept = append(kept, resp)
	})
}

func TestBodyOfUpgrade(t *testing.T) {
	s := site.Start(t)
	req, err := http.NewRequest(http.MethodGet, s.URL+"/upgrade", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp := do(t, s, req)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		t.Fatalf("cannot be written to: %T", resp.Body)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "hello\n" {
		t.Error(line, err)
	}
}

// A retrying transport closes what it does not pass on.
type retrying struct{ http.RoundTripper }

func (r retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.RoundTripper.RoundTrip(req)
	if err != nil || resp.StatusCode == http.StatusOK {
		return resp, err
	}
	_ = resp.Body.Close()
	again := req.Clone(req.Context())
	again.URL.Path = "/length"
	return r.RoundTripper.RoundTrip(again)
}

func TestBodyOfRetry(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		client := &http.Client{Transport: retrying{s.Client().Transport}}
		resp, err := client.Get(s.URL + "/missing")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			t.Error(resp.Status)
		}
	})
}

// The kept connection is gone when the second request is written.
func TestBodyOnAnotherConnection(t *testing.T) {
	s := site.Start(t)
	for range 2 {
		if _, err := io.Copy(io.Discard, get(t, s, "/length").Body); err != nil {
			t.Error(err)
		}
		s.CloseClientConnections()
	}
}

func TestBodyThroughProxy(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		to, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		proxy := httptest.NewServer(&httputil.ReverseProxy{
			Transport: s.Client().Transport,
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		})
		defer proxy.Close()
		for _, page := range []string{"/length", "/chunked", "/gzip", "/empty", "/endless"} {
			_ = get(t, proxy, page).Body.Close()
		}
	})
}

func TestBodyOfClientConn(t *testing.T) {
	protocols(t, func(t *testing.T, s *httptest.Server) {
		transport := s.Client().Transport.(*http.Transport)
		to, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := transport.NewClientConn(t.Context(), to.Scheme, to.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		req, err := http.NewRequest(http.MethodGet, s.URL+"/length", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := conn.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
	})
}

// A bubble has its own clock, and nobody outside may look at its channels.
func TestBodyInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer func() { _ = server.Close() }()
		go func() {
			if _, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
				_, _ = io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello")
			}
		}()
		transport := &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil },
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, resp)
	})
}
