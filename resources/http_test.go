package resources_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// content is longer than what a transport reads ahead.
var content = strings.Repeat("0123456789abcdef", 16<<10)

func serveContent(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/nothing":
		w.WriteHeader(http.StatusNoContent)
	case "/empty":
		w.Header().Set("Content-Length", "0")
	default:
		_, _ = io.WriteString(w, content)
	}
}

// eachProtocol runs a test against a server of HTTP/1.1 and one of HTTP/2.
func eachProtocol(t *testing.T, test func(t *testing.T, s *httptest.Server)) {
	for name, major := range map[string]int{"HTTP1": 1, "HTTP2": 2} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if assert.Equal(t, major, r.ProtoMajor) {
					serveContent(w, r)
				}
			}))
			s.EnableHTTP2 = major == 2
			s.StartTLS()
			defer s.Close()
			test(t, s)
		})
	}
}

func TestBodyUntilItIsClosed(t *testing.T) {
	eachProtocol(t, func(t *testing.T, s *httptest.Server) {
		tr := leakcheck.NewTracker()
		c := resources.Client(s.Client(), resources.WithTracker(tr))
		resp, err := c.Get(strings.Replace(s.URL, "//", "//user:secret@", 1) + "/a%20b?token=secret#here")
		require.NoError(t, err)
		got := liveOne(t, tr)
		assert.Equal(t, "body", got.Kind)
		assert.Equal(t, "GET "+s.URL+"/a%20b", got.Name)
		_, err = io.ReadFull(resp.Body, make([]byte, 10))
		require.NoError(t, err)
		assert.Equal(t, 1, tr.Len(), "read in part")
		assert.NoError(t, resp.Body.Close())
		assert.Zero(t, tr.Len())
		assert.NoError(t, resp.Body.Close())
	})
}

func TestBodyUntilItsEnd(t *testing.T) {
	eachProtocol(t, func(t *testing.T, s *httptest.Server) {
		tr := leakcheck.NewTracker()
		c := resources.Client(s.Client(), resources.WithTracker(tr))
		resp, err := c.Get(s.URL)
		require.NoError(t, err)
		require.Equal(t, 1, tr.Len())
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, content, string(text))
		assert.Zero(t, tr.Len(), "the transport has taken its connection back")
		assert.NoError(t, resp.Body.Close())
		assert.Zero(t, tr.Len())
	})
}

func TestResponsesWithoutABody(t *testing.T) {
	eachProtocol(t, func(t *testing.T, s *httptest.Server) {
		tr := leakcheck.NewTracker()
		c := resources.Client(s.Client(), resources.WithTracker(tr))
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			for _, path := range []string{"/nothing", "/empty", "/"} {
				if method == http.MethodGet && path == "/" {
					continue
				}
				req, err := http.NewRequest(method, s.URL+path, nil)
				require.NoError(t, err)
				_, err = c.Do(req)
				require.NoError(t, err)
				assert.Zero(t, tr.Len(), "%s %s", method, path)
			}
		}
	})
}

func TestADroppedBodyIsLost(t *testing.T) {
	eachProtocol(t, func(t *testing.T, s *httptest.Server) {
		for name, ctx := range map[string]context.Context{"Background": context.Background(), "cancellable": t.Context()} {
			tr := leakcheck.NewTracker()
			c := resources.Client(s.Client(), resources.WithTracker(tr))
			lost := awaitLost(t, tr, func() {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
				require.NoError(t, err)
				_, err = c.Do(req)
				require.NoError(t, err)
			})
			assert.Equal(t, "body", lost.Kind, name)
			openedHere(t, lost)
		}
		s.CloseClientConnections() // which the dropped bodies keep busy
	})
}

func TestACancelledRequestEndsItsBody(t *testing.T) {
	eachProtocol(t, func(t *testing.T, s *httptest.Server) {
		tr := leakcheck.NewTracker()
		c := resources.Client(s.Client(), resources.WithTracker(tr))
		ctx, cancel := context.WithCancel(context.Background())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		require.NoError(t, err)
		resp, err := c.Do(req)
		require.NoError(t, err)
		require.Equal(t, 1, tr.Len())
		cancel()
		assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond)
		_ = resp.Body.Close()
		assert.Zero(t, tr.Len())
	})
}

func TestATimeoutOfTheClientEndsABody(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(serveContent))
	defer s.Close()
	tr := leakcheck.NewTracker()
	c := resources.Client(&http.Client{Timeout: time.Minute}, resources.WithTracker(tr))
	resp, err := c.Get(s.URL)
	require.NoError(t, err)
	assert.Equal(t, 1, tr.Len())
	assert.NoError(t, resp.Body.Close())
	assert.Zero(t, tr.Len())

	c.Timeout = 100 * time.Millisecond
	_, err = c.Get(s.URL)
	if err == nil { // else the machine was slow, and nothing came back
		assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond)
	}
	assert.Zero(t, tr.Len())
	c.CloseIdleConnections()
}

func TestARequestThatFails(t *testing.T) {
	tr := leakcheck.NewTracker()
	l := plainListener(t, "tcp", "127.0.0.1:0")
	require.NoError(t, l.Close())
	c := resources.Client(nil, resources.WithTracker(tr))
	_, err := c.Get("http://" + l.Addr().String())
	assert.ErrorContains(t, err, "connection refused")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Addr().String(), nil)
	require.NoError(t, err)
	_, err = c.Do(req)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, tr.Len())
}

// roundTripper is a transport that somebody wrote.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestABodyThatFailsToClose(t *testing.T) {
	tr, failed := leakcheck.NewTracker(), errors.New("the cache is full")
	rt := resources.Transport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{Body: closingWith{strings.NewReader("x"), failed}}, nil
	}), resources.WithTracker(tr))
	assert.Equal(t, rt, resources.Transport(rt), "is not wrapped twice")
	resp, err := rt.RoundTrip(&http.Request{URL: &url.URL{Scheme: "http", Host: "h", Opaque: "secret"}})
	require.NoError(t, err)
	assert.Equal(t, "GET http://h", liveOne(t, tr).Name)
	assert.Equal(t, failed, resp.Body.Close())
	assert.Zero(t, tr.Len())
}

type closingWith struct {
	io.Reader
	err error
}

func (c closingWith) Close() error { return c.err }

func TestOptionalMethodsOfABody(t *testing.T) {
	type half interface{ CloseWrite() error }
	type RC = io.ReadCloser
	for _, inner := range []io.ReadCloser{
		struct{ RC }{},
		struct {
			RC
			io.WriterTo
		}{},
		struct {
			RC
			io.Writer
		}{},
		struct {
			RC
			io.Writer
			io.WriterTo
		}{},
		struct {
			RC
			io.Writer
			half
		}{},
		struct {
			RC
			io.Writer
			half
			io.WriterTo
		}{},
	} {
		rt := resources.Transport(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{Body: inner}, nil
		}), resources.WithTracker(leakcheck.NewTracker()))
		resp, err := rt.RoundTrip(new(http.Request))
		require.NoError(t, err)
		_, want := inner.(io.Writer)
		_, got := resp.Body.(io.Writer)
		assert.Equal(t, want, got, "%T", inner)
		_, want = inner.(io.WriterTo)
		_, got = resp.Body.(io.WriterTo)
		assert.Equal(t, want, got, "%T", inner)
		_, want = inner.(half)
		_, got = resp.Body.(half)
		assert.Equal(t, want, got, "%T", inner)
	}
}

func TestWriteToReadsToTheEnd(t *testing.T) {
	tr := leakcheck.NewTracker()
	rt := resources.Transport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{Body: io.NopCloser(strings.NewReader("text"))}, nil
	}), resources.WithTracker(tr))
	resp, err := rt.RoundTrip(new(http.Request))
	require.NoError(t, err)
	require.Equal(t, 1, tr.Len())
	var b strings.Builder
	_, err = resp.Body.(io.WriterTo).WriteTo(&b)
	require.NoError(t, err)
	assert.Equal(t, "text", b.String())
	assert.Zero(t, tr.Len())
}

// A gzip body that is damaged stays open below, which a read error other than
// the end must not hide.
func TestADamagedBodyIsStillOpen(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "x"+packed.String())
	}))
	defer s.Close()
	tr := leakcheck.NewTracker()
	resp, err := resources.Client(s.Client(), resources.WithTracker(tr)).Get(s.URL)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	assert.ErrorIs(t, err, gzip.ErrHeader)
	assert.Equal(t, 1, tr.Len())
	assert.NoError(t, resp.Body.Close())
	assert.Zero(t, tr.Len())
}

// upgrade echoes lines of a protocol of its own.
func upgrade(w http.ResponseWriter, _ *http.Request) {
	c, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	_ = rw.Flush()
	for {
		line, err := rw.ReadString('\n')
		if err != nil {
			return
		}
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	}
}

func TestUpgradedConnection(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(upgrade))
	defer s.Close()
	tr := leakcheck.NewTracker()
	c := resources.Client(s.Client(), resources.WithTracker(tr))
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	require.NoError(t, err)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := c.Do(req)
	require.NoError(t, err)
	cancel()
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)

	rw, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, err = io.WriteString(rw, "ping\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(rw).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "ping\n", line)

	require.NoError(t, rw.(interface{ CloseWrite() error }).CloseWrite())
	_, err = rw.Read(make([]byte, 1))
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, "body", liveOne(t, tr).Kind, "neither the end nor the context closes a connection")
	assert.NoError(t, rw.Close())
	assert.Zero(t, tr.Len())
}

func TestKeptAliveConnectionIsReused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(serveContent))
	defer s.Close()
	tr := leakcheck.NewTracker()
	d := resources.Dialer{Options: []resources.Option{resources.WithTracker(tr)}}
	c := resources.Client(&http.Client{Transport: &http.Transport{DialContext: d.DialContext}}, resources.WithTracker(tr))
	var before []leakcheck.Info
	for range 3 {
		resp, err := c.Get(s.URL)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		live := tr.Live()
		require.Len(t, live, 1)
		assert.Equal(t, "tcp", live[0].Kind)
		if before != nil {
			assert.Equal(t, before, live)
		}
		before = live
	}
	c.CloseIdleConnections()
	assert.Eventually(t, func() bool { return tr.Len() == 0 }, 10*time.Second, time.Millisecond)
}

func TestBodyWithTrackingSwitchedOff(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(serveContent))
	defer s.Close()
	resources.SetTracking(false)
	defer resources.SetTracking(true)
	tr := leakcheck.NewTracker()
	resp, err := resources.Client(s.Client(), resources.WithTracker(tr)).Get(s.URL)
	require.NoError(t, err)
	assert.Zero(t, tr.Len())
	assert.NoError(t, resp.Body.Close())
}

func TestAClientWithATimeoutHasNoGoroutineMore(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	client := resources.Client(&http.Client{Timeout: time.Hour, Transport: new(http.Transport)})
	defer client.CloseIdleConnections()
	resp, err := client.Get(server.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	assert.NotContains(t, string(stacks), "net/http.setRequestCancel", "net/http no longer takes the stand-in for one of its own")
}

func TestAServerThatWasClosedDoesNotListen(t *testing.T) {
	busy := plainListener(t, "tcp", "127.0.0.1:0")
	s := &resources.Server{Server: &http.Server{Addr: busy.Addr().String()}}
	require.NoError(t, s.Close())
	assert.ErrorIs(t, s.ListenAndServe(), http.ErrServerClosed)
	assert.ErrorIs(t, s.ListenAndServeTLS("no", "no"), http.ErrServerClosed)
}

// A listener may be of a type that cannot be compared.
type taggedListener struct {
	*resources.TCPListener
	tags []string
}

func TestServeTLSOfAnyListener(t *testing.T) {
	l, err := resources.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	s := &resources.Server{Server: new(http.Server)}
	err = s.ServeTLS(taggedListener{l.(*resources.TCPListener), nil}, "missing.crt", "missing.key")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
