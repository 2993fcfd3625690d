package resources

import (
	"cmp"
	"io"
	"net"
)

// A TCPConn is a tracked [net.TCPConn], with all of its methods.
type TCPConn struct {
	*net.TCPConn
	handle
}

func newTCPConn(c *net.TCPConn, kind string, opts []Option) *TCPConn {
	s := &TCPConn{TCPConn: c}
	s.track(s, c, c, cmp.Or(kind, "tcp"), opts)
	return s
}

// Close closes the connection, which is no longer tracked then, whatever the
// error.
func (c *TCPConn) Close() error {
	err := c.TCPConn.Close()
	c.close(c, err)
	return err
}

// NetConn returns the connection of package net, for code that needs exactly
// that type. Closing it there leaves c tracked.
func (c *TCPConn) NetConn() net.Conn { return c.TCPConn }

// ReadFrom is [net.TCPConn.ReadFrom]: the system copies from files, and from
// stream connections, tracked or not, without a detour through the process.
func (c *TCPConn) ReadFrom(r io.Reader) (int64, error) { return readFrom(c.TCPConn, r) }

// WriteTo is [net.TCPConn.WriteTo], also fast if w is tracked.
func (c *TCPConn) WriteTo(w io.Writer) (int64, error) {
	if u, ok := w.(*UnixConn); ok {
		w = u.UnixConn
	}
	return c.TCPConn.WriteTo(w)
}

func (c *TCPConn) forget() { c.close(c, nil) }
