package resources

import (
	"cmp"
	"net"
)

// A UnixConn is a tracked [net.UnixConn], with all of its methods.
//
// Package net splices from a Unix connection to a TCP one only if it knows
// both types: copy to a [*TCPConn], or from NetConn.
type UnixConn struct {
	*net.UnixConn
	handle
}

func newUnixConn(c *net.UnixConn, kind string, opts []Option) *UnixConn {
	s := &UnixConn{UnixConn: c}
	s.track(s, c, c, cmp.Or(kind, "unix"), opts)
	return s
}

// Close closes the connection, which is no longer tracked then, whatever the
// error.
func (c *UnixConn) Close() error {
	err := c.UnixConn.Close()
	c.close(c, err)
	return err
}

// NetConn returns the connection of package net, for code that needs exactly
// that type. Closing it there leaves c tracked.
func (c *UnixConn) NetConn() net.Conn { return c.UnixConn }

func (c *UnixConn) forget() { c.close(c, nil) }
