package resources

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
)

// A Server is an [http.Server] whose connections are tracked, each from its
// acceptance until it is closed; that is by its new owner if a handler hijacks
// it. It has all methods of an http.Server:
//
//	srv := resources.Server{Server: &http.Server{Addr: ":8080", Handler: mux}}
//	err := srv.ListenAndServe()
//
// The listener is tracked too. HTTP/2 is negotiated as without.
type Server struct {
	*http.Server
	Options []Option // for the listener and each connection, as with Listen

	ended atomic.Bool // by Close or Shutdown
}

// ListenAndServe is [http.Server.ListenAndServe].
func (s *Server) ListenAndServe() error {
	l, err := s.listen(":http")
	if err != nil {
		return err
	}
	return s.Server.Serve(l)
}

// ListenAndServeTLS is [http.Server.ListenAndServeTLS].
func (s *Server) ListenAndServeTLS(certFile, keyFile string) error {
	l, err := s.listen(":https")
	if err != nil {
		return err
	}
	defer l.Close() // which Serve does, but nobody if there is no certificate
	return s.Server.ServeTLS(l, certFile, keyFile)
}

// Serve is [http.Server.Serve]. l is wrapped with [WrapListener].
func (s *Server) Serve(l net.Listener) error {
	wrapped, err := s.wrap(l)
	if err != nil {
		return err
	}
	return s.Server.Serve(wrapped)
}

// ServeTLS is [http.Server.ServeTLS]. l is wrapped with [WrapListener].
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	wrapped, err := s.wrap(l)
	if err != nil {
		return err
	}
	if !isStandIn(l) {
		// Without a certificate the listener is not closed: it stays l's owner's,
		// who does not know of the stand-in.
		defer forget(wrapped)
	}
	return s.Server.ServeTLS(wrapped, certFile, keyFile)
}

// Close is [http.Server.Close].
func (s *Server) Close() error {
	if s.Server == nil {
		return errNoServer
	}
	s.ended.Store(true)
	return s.Server.Close()
}

// Shutdown is [http.Server.Shutdown].
func (s *Server) Shutdown(ctx context.Context) error {
	if s.Server == nil {
		return errNoServer
	}
	s.ended.Store(true)
	return s.Server.Shutdown(ctx)
}

func (s *Server) listen(defaultAddr string) (net.Listener, error) {
	if s.Server == nil {
		return nil, errNoServer
	}
	if s.ended.Load() {
		return nil, http.ErrServerClosed
	}
	return Listen("tcp", cmp.Or(s.Addr, defaultAddr), s.Options...)
}

func (s *Server) wrap(l net.Listener) (net.Listener, error) {
	if s.Server == nil {
		return nil, errNoServer
	}
	return WrapListener(l, s.Options...)
}

// forget ends the tracking of a listener that stays open.
func forget(l net.Listener) {
	if s, ok := l.(standIn); ok {
		s.forget()
	}
}

var errNoServer = errors.New("resources: serving HTTP: the Server is nil; set Server to an *http.Server")
