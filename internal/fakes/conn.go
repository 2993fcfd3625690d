package fakes

import (
	"net"
	"sync/atomic"
)

// A Conn is one end of an in-memory connection that counts how often it was
// closed and returns CloseErr from Close.
type Conn struct {
	net.Conn
	CloseErr error
	closed   atomic.Int32
}

// NewConn returns two ends connected to each other.
func NewConn() (a, b *Conn) {
	x, y := net.Pipe()
	return &Conn{Conn: x}, &Conn{Conn: y}
}

// Close closes the end and returns CloseErr.
func (c *Conn) Close() error {
	c.closed.Add(1)
	_ = c.Conn.Close()
	return c.CloseErr
}

// Closed returns how often Close was called.
func (c *Conn) Closed() int { return int(c.closed.Load()) }
