// Package site is a web server with a page for each way in which a response
// can have a body.
package site

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Text is what most pages hold.
const Text = `{"greeting": "hello"}`

// Start starts the site for a test, over HTTP/1.
func Start(t *testing.T) *httptest.Server {
	s := httptest.NewServer(handler())
	closeAfter(t, s)
	return s
}

// StartTLS starts it over HTTP/1 and TLS.
func StartTLS(t *testing.T) *httptest.Server {
	s := httptest.NewTLSServer(handler())
	closeAfter(t, s)
	return s
}

// StartHTTP2 starts it over HTTP/2.
func StartHTTP2(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(handler())
	s.EnableHTTP2 = true
	s.StartTLS()
	closeAfter(t, s)
	return s
}

// closeAfter cuts connections first, for a server waits for those in use.
func closeAfter(t *testing.T, s *httptest.Server) {
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/length", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, Text)
	})
	mux.HandleFunc("/chunked", chunked)
	mux.HandleFunc("/gzip", zipped)
	mux.HandleFunc("/endless", endless)
	mux.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/nocontent", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/cut", cut)
	mux.HandleFunc("/upgrade", upgrade)
	mux.Handle("/moved", http.RedirectHandler("/length", http.StatusFound))
	mux.Handle("/kept", http.RedirectHandler("/length", http.StatusTemporaryRedirect))
	return mux
}

// chunked sends the end of the body in a piece of its own.
func chunked(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, Text)
	_ = http.NewResponseController(w).Flush()
}

func zipped(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		http.Error(w, "not accepted", http.StatusNotAcceptable)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer func() { _ = z.Close() }()
	_, _ = io.WriteString(z, strings.Repeat(Text, 100))
}

// endless sends a beginning and then nothing until the client is gone.
func endless(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, Text)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// cut breaks the connection in the middle of the body.
func cut(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, Text)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// upgrade makes the connection one that echoes.
func upgrade(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "echo")
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.Copy(conn, rw)
}
