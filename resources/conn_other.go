package resources

import (
	"cmp"
	"io"
	"net"
	"syscall"
)

// otherConn stands in for a connection of a type that is not known here.
type otherConn struct {
	net.Conn
	handle
}

func newOtherConn(c net.Conn, kind string, opts []Option) net.Conn {
	s := &otherConn{Conn: c}
	sys, _ := c.(syscall.Conn)
	if tracks() {
		local := c.LocalAddr()
		s.enter(s, sys, connName(local, c.RemoteAddr()), cmp.Or(kind, kindOf(local)), opts)
	}
	return s.withMethodsOf(c)
}

func (c *otherConn) Close() error {
	err := c.Conn.Close()
	c.close(c, err)
	return err
}

// NetConn returns the connection that was wrapped.
func (c *otherConn) NetConn() net.Conn { return c.Conn }

func (c *otherConn) forget() { c.close(c, nil) }

type closeWriter interface{ CloseWrite() error }

// withMethodsOf adds to c the optional methods that inner has. Whoever asks a
// connection for a method, as io.Copy and net/http do, takes another way if
// there is none; so it must not be there just to fail.
func (c *otherConn) withMethodsOf(inner net.Conn) net.Conn {
	w, half := inner.(closeWriter)
	s, sys := inner.(syscall.Conn)
	r, from := inner.(io.ReaderFrom)
	t, to := inner.(io.WriterTo)
	switch [4]bool{half, sys, from, to} {
	case [4]bool{false, false, false, true}:
		return &struct {
			*otherConn
			io.WriterTo
		}{c, t}
	case [4]bool{false, false, true, false}:
		return &struct {
			*otherConn
			io.ReaderFrom
		}{c, r}
	case [4]bool{false, false, true, true}:
		return &struct {
			*otherConn
			io.ReaderFrom
			io.WriterTo
		}{c, r, t}
	case [4]bool{false, true, false, false}:
		return &struct {
			*otherConn
			syscall.Conn
		}{c, s}
	case [4]bool{false, true, false, true}:
		return &struct {
			*otherConn
			syscall.Conn
			io.WriterTo
		}{c, s, t}
	case [4]bool{false, true, true, false}:
		return &struct {
			*otherConn
			syscall.Conn
			io.ReaderFrom
		}{c, s, r}
	case [4]bool{false, true, true, true}:
		return &struct {
			*otherConn
			syscall.Conn
			io.ReaderFrom
			io.WriterTo
		}{c, s, r, t}
	case [4]bool{true, false, false, false}:
		return &struct {
			*otherConn
			closeWriter
		}{c, w}
	case [4]bool{true, false, false, true}:
		return &struct {
			*otherConn
			closeWriter
			io.WriterTo
		}{c, w, t}
	case [4]bool{true, false, true, false}:
		return &struct {
			*otherConn
			closeWriter
			io.ReaderFrom
		}{c, w, r}
	case [4]bool{true, false, true, true}:
		return &struct {
			*otherConn
			closeWriter
			io.ReaderFrom
			io.WriterTo
		}{c, w, r, t}
	case [4]bool{true, true, false, false}:
		return &struct {
			*otherConn
			closeWriter
			syscall.Conn
		}{c, w, s}
	case [4]bool{true, true, false, true}:
		return &struct {
			*otherConn
			closeWriter
			syscall.Conn
			io.WriterTo
		}{c, w, s, t}
	case [4]bool{true, true, true, false}:
		return &struct {
			*otherConn
			closeWriter
			syscall.Conn
			io.ReaderFrom
		}{c, w, s, r}
	case [4]bool{true, true, true, true}:
		return &struct {
			*otherConn
			closeWriter
			syscall.Conn
			io.ReaderFrom
			io.WriterTo
		}{c, w, s, r, t}
	}
	return c
}
