package resources

import (
	"errors"
	"net"
	"syscall"
)

// ListenPacket is [net.ListenPacket], with the socket tracked until it is
// closed. It is a [*UDPConn], [*UnixConn] or [*IPConn].
func ListenPacket(network, address string, opts ...Option) (net.PacketConn, error) {
	c, err := net.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	return packetStandInFor(c, opts), nil
}

// WrapPacketConn returns a stand-in for a socket that somebody else opened,
// tracked until it is closed: a [*UDPConn], [*UnixConn] or [*IPConn] for what
// package net returns. For another type it has SyscallConn if that type has it,
// and NetPacketConn, which returns what was wrapped.
//
// What is a stand-in already comes back as it is. The error is not nil only if
// there is no connection.
func WrapPacketConn(c net.PacketConn, opts ...Option) (net.PacketConn, error) {
	if missing(c) {
		return nil, errors.New("resources: wrapping a packet connection: it is nil; pass the one that ListenPacket returned, after checking its error")
	}
	return packetStandInFor(c, opts), nil
}

func packetStandInFor(c net.PacketConn, opts []Option) net.PacketConn {
	switch c := c.(type) {
	case *net.UDPConn:
		return newUDPConn(c, opts)
	case *net.UnixConn:
		return newUnixConn(c, "", opts)
	case *net.IPConn:
		return newIPConn(c, opts)
	}
	if isStandIn(c) {
		return c
	}
	return newOtherPacketConn(c, opts)
}

// otherPacketConn stands in for a net.PacketConn of a type that is not known
// here.
type otherPacketConn struct {
	net.PacketConn
	handle
}

func newOtherPacketConn(c net.PacketConn, opts []Option) net.PacketConn {
	s := &otherPacketConn{PacketConn: c}
	sys, ok := c.(syscall.Conn)
	if tracks() {
		local := c.LocalAddr()
		s.enter(s, sys, addrText(local), kindOf(local), opts)
	}
	if ok {
		return &struct {
			*otherPacketConn
			syscall.Conn
		}{s, sys}
	}
	return s
}

func (c *otherPacketConn) Close() error {
	err := c.PacketConn.Close()
	c.close(c, err)
	return err
}

// NetPacketConn returns what was wrapped.
func (c *otherPacketConn) NetPacketConn() net.PacketConn { return c.PacketConn }

func (c *otherPacketConn) forget() { c.close(c, nil) }
