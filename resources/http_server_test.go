package resources_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startServer runs serve until the test is over, and returns the address that
// it listens on.
func startServer(t *testing.T, s *resources.Server, serve func() error) string {
	t.Helper()
	address, done := make(chan string, 1), make(chan error, 1)
	s.BaseContext = func(l net.Listener) context.Context {
		address <- l.Addr().String()
		return context.Background()
	}
	go func() { done <- serve() }()
	select {
	case a := <-address:
		t.Cleanup(func() {
			_ = s.Close()
			assert.ErrorIs(t, <-done, http.ErrServerClosed)
		})
		return a
	case err := <-done:
		require.NoError(t, err)
		return ""
	}
}

func newServer(tr *leakcheck.Tracker, h http.HandlerFunc) *resources.Server {
	return &resources.Server{
		Server:  &http.Server{Addr: "127.0.0.1:0", Handler: h},
		Options: []resources.Option{resources.WithTracker(tr)},
	}
}

func kindsOf(tr *leakcheck.Tracker) (kinds []string) {
	for _, i := range tr.Live() {
		kinds = append(kinds, i.Kind)
	}
	return kinds
}

func get(t *testing.T, c *http.Client, url string) *http.Response {
	t.Helper()
	resp, err := c.Get(url)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp
}

func TestServerTracksItsConnections(t *testing.T) {
	tr := leakcheck.NewTracker()
	for name, start := range map[string]func(*resources.Server) string{
		"ListenAndServe": func(s *resources.Server) string { return startServer(t, s, s.ListenAndServe) },
		"Serve": func(s *resources.Server) string {
			l := plainListener(t, "tcp", "127.0.0.1:0")
			return startServer(t, s, func() error { return s.Serve(l) })
		},
	} {
		s := newServer(tr, serveContent)
		addr := start(s)
		assert.Equal(t, []string{"listener"}, kindsOf(tr), name)
		c := &http.Client{Transport: new(http.Transport)}
		get(t, c, "http://"+addr)
		assert.Equal(t, []string{"listener", "tcp"}, kindsOf(tr), "%s: the connection is kept alive", name)
		get(t, c, "http://"+addr)
		assert.Equal(t, 2, tr.Len(), name)
		c.CloseIdleConnections()
		assert.NoError(t, s.Shutdown(context.Background()), name)
		assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond, name)
	}
}

func TestServerSpeaksHTTP2(t *testing.T) {
	server, client := tlsConfigs()
	tr := leakcheck.NewTracker()
	for name, serve := range map[string]func(*resources.Server) func() error{
		"ListenAndServeTLS": func(s *resources.Server) func() error {
			return func() error { return s.ListenAndServeTLS("", "") }
		},
		"ServeTLS": func(s *resources.Server) func() error {
			l := plainListener(t, "tcp", "127.0.0.1:0")
			return func() error { return s.ServeTLS(l, "", "") }
		},
		"Serve a TLS listener": func(s *resources.Server) func() error {
			config := server.Clone()
			config.NextProtos = []string{"h2"}
			s.TLSConfig = nil
			l, err := resources.ListenTLS("tcp", "127.0.0.1:0", config, resources.WithTracker(tr))
			require.NoError(t, err)
			return func() error { return s.Serve(l) }
		},
	} {
		s := newServer(tr, serveContent)
		s.TLSConfig = server.Clone()
		addr := startServer(t, s, serve(s))
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: client.Clone(), ForceAttemptHTTP2: true}}
		assert.Equal(t, 2, get(t, c, "https://"+addr).ProtoMajor, name)
		live := tr.Live()
		require.Len(t, live, 2, name)
		assert.Equal(t, "listener", live[0].Kind)
		assert.Contains(t, live[1].Name, addr+" -> 127.0.0.1:")
		c.CloseIdleConnections()
		assert.NoError(t, s.Close(), name)
		assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond, name)
	}
}

func TestServerSpeaksHTTP2WithoutTLS(t *testing.T) {
	tr := leakcheck.NewTracker()
	s := newServer(tr, serveContent)
	s.Protocols = new(http.Protocols)
	s.Protocols.SetUnencryptedHTTP2(true)
	addr := startServer(t, s, s.ListenAndServe)
	c := &http.Client{Transport: &http.Transport{Protocols: s.Protocols}}
	assert.Equal(t, 2, get(t, c, "http://"+addr).ProtoMajor)
	assert.Equal(t, []string{"listener", "tcp"}, kindsOf(tr))
	c.CloseIdleConnections()
	assert.NoError(t, s.Close())
	assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond)
}

func TestHijackedConnectionStaysTracked(t *testing.T) {
	tr, hijacked := leakcheck.NewTracker(), make(chan net.Conn, 1)
	s := newServer(tr, func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if assert.NoError(t, err) {
			hijacked <- c
		}
	})
	addr := startServer(t, s, s.ListenAndServe)
	client, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer client.Close()
	_, err = io.WriteString(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	require.NoError(t, err)
	c := <-hijacked
	assert.IsType(t, &resources.TCPConn{}, c)
	require.NoError(t, s.Close())
	assert.Eventually(t, func() bool { return len(kindsOf(tr)) == 1 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, []string{"tcp"}, kindsOf(tr), "the server does not close what is not its own")
	require.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestAPanickingHandlerLeavesNothing(t *testing.T) {
	tr := leakcheck.NewTracker()
	s := newServer(tr, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	addr := startServer(t, s, s.ListenAndServe)
	_, err := http.Get("http://" + addr)
	assert.ErrorIs(t, err, io.EOF)
	assert.Eventually(t, func() bool { return tr.Len() == 1 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, []string{"listener"}, kindsOf(tr))
}

func TestServerThatDoesNotStart(t *testing.T) {
	tr := leakcheck.NewTracker()
	used := plainListener(t, "tcp", "127.0.0.1:0")
	s := newServer(tr, serveContent)
	s.Addr = used.Addr().String()
	assert.ErrorIs(t, s.ListenAndServe(), syscall.EADDRINUSE)
	assert.ErrorIs(t, s.ListenAndServeTLS("", ""), syscall.EADDRINUSE)

	s.Addr = "127.0.0.1:0"
	assert.ErrorIs(t, s.ListenAndServeTLS("no.crt", "no.key"), syscall.ENOENT)
	assert.ErrorIs(t, s.ServeTLS(used, "no.crt", "no.key"), syscall.ENOENT)
	assert.Zero(t, tr.Len())
	c, err := net.Dial("tcp", used.Addr().String())
	require.NoError(t, err, "the listener is its owner's still")
	assert.NoError(t, c.Close())

	assert.ErrorContains(t, s.Serve(nil), "resources: wrapping a listener: it is nil")
	require.NoError(t, s.Close())
	assert.ErrorIs(t, s.ListenAndServe(), http.ErrServerClosed)
	assert.Zero(t, tr.Len())
}

func TestServerOfNothing(t *testing.T) {
	var s resources.Server
	const want = "resources: serving HTTP: the Server is nil; set Server to an *http.Server"
	assert.EqualError(t, s.ListenAndServe(), want)
	assert.EqualError(t, s.ListenAndServeTLS("", ""), want)
	assert.EqualError(t, s.Serve(nil), want)
	assert.EqualError(t, s.ServeTLS(nil, "", ""), want)
	assert.EqualError(t, s.Close(), want)
	assert.EqualError(t, s.Shutdown(context.Background()), want)
}
