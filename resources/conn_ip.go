package resources

import "net"

// An IPConn is a tracked [net.IPConn], with all of its methods.
type IPConn struct {
	*net.IPConn
	handle
}

func newIPConn(c *net.IPConn, opts []Option) *IPConn {
	s := &IPConn{IPConn: c}
	s.track(s, c, c, "raw", opts)
	return s
}

// Close closes the connection, which is no longer tracked then, whatever the
// error.
func (c *IPConn) Close() error {
	err := c.IPConn.Close()
	c.close(c, err)
	return err
}

// NetConn returns the connection of package net, for code that needs exactly
// that type. Closing it there leaves c tracked.
func (c *IPConn) NetConn() net.Conn { return c.IPConn }

func (c *IPConn) forget() { c.close(c, nil) }
