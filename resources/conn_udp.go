package resources

import "net"

// A UDPConn is a tracked [net.UDPConn], with all of its methods.
type UDPConn struct {
	*net.UDPConn
	handle
}

func newUDPConn(c *net.UDPConn, opts []Option) *UDPConn {
	s := &UDPConn{UDPConn: c}
	s.track(s, c, c, "udp", opts)
	return s
}

// Close closes the connection, which is no longer tracked then, whatever the
// error.
func (c *UDPConn) Close() error {
	err := c.UDPConn.Close()
	c.close(c, err)
	return err
}

// NetConn returns the connection of package net, for code that needs exactly
// that type. Closing it there leaves c tracked.
func (c *UDPConn) NetConn() net.Conn { return c.UDPConn }

func (c *UDPConn) forget() { c.close(c, nil) }
