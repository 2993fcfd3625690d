package resources

import (
	"crypto/tls"
	"errors"
	"net"
	"reflect"
	"syscall"
)

// WrapConn returns a stand-in for a connection that somebody else opened,
// tracked until it is closed: a [*TCPConn], [*UnixConn], [*UDPConn], [*IPConn]
// or [*TLSConn] for what package net and crypto/tls return. For a connection of
// another type it has CloseWrite, SyscallConn, ReadFrom and WriteTo if that
// type has them, and NetConn, which returns the connection itself.
//
// What is a stand-in already, or a layer over one whose NetConn returns it, as
// that of TLS does, comes back as it is. The error
// is not nil only if there is no connection.
func WrapConn(c net.Conn, opts ...Option) (net.Conn, error) {
	if missing(c) {
		return nil, errors.New("resources: wrapping a connection: it is nil; pass the one that Dial or Accept returned, after checking its error")
	}
	return standInFor(c, "", opts), nil
}

// standInFor is WrapConn for a connection that there is. A kind that is not
// empty replaces that of the network.
func standInFor(c net.Conn, kind string, opts []Option) net.Conn {
	switch c := c.(type) {
	case *net.TCPConn:
		return newTCPConn(c, kind, opts)
	case *net.UnixConn:
		return newUnixConn(c, kind, opts)
	case *net.UDPConn:
		return newUDPConn(c, opts)
	case *net.IPConn:
		return newIPConn(c, opts)
	}
	if isStandIn(c) {
		return c
	}
	if c, ok := c.(*tls.Conn); ok {
		return newTLSConn(c, opts)
	}
	return newOtherConn(c, kind, opts)
}

// A standIn is one of this package's connections, listeners or packet
// connections.
type standIn interface{ forget() }

// isStandIn reports whether v is one, or says that it is a layer over one, as
// a [tls.Conn] does.
func isStandIn(v any) bool {
	if _, ok := v.(standIn); ok {
		return true
	}
	layer, ok := v.(interface{ NetConn() net.Conn })
	if !ok {
		return false
	}
	_, ok = layer.NetConn().(standIn)
	return ok
}

// An endpoint has addresses; RemoteAddr may return nil.
type endpoint interface {
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// track begins the tracking of a connection's stand-in, unless it is switched
// off.
func (h *handle) track(ptr any, c endpoint, sys syscall.Conn, kind string, opts []Option) {
	if tracks() {
		h.enter(ptr, sys, connName(c.LocalAddr(), c.RemoteAddr()), kind, opts)
	}
}

// connName is "local -> remote". A client's Unix socket has no local address,
// and what is not connected no remote one.
func connName(local, remote net.Addr) string {
	from, to := addrText(local), addrText(remote)
	switch {
	case to == "":
		return from
	case from == "" || from == to:
		return "-> " + to
	default:
		return from + " -> " + to
	}
}

// addrText is "" for an address that says nothing: package net prints that of
// an unnamed Unix socket as @.
func addrText(a net.Addr) string {
	if missing(a) {
		return ""
	}
	if text := a.String(); text != "@" {
		return text
	}
	return ""
}

// kindOf is the kind of a connection that package net did not open itself, by
// the network that it names.
func kindOf(a net.Addr) string {
	if missing(a) {
		return "conn"
	}
	switch network := a.Network(); network {
	case "tcp", "udp", "unix":
		return network
	case "unixgram", "unixpacket":
		return "unix"
	default:
		return "conn"
	}
}

// missing reports whether v is nil, or an interface that holds a nil pointer.
func missing(v any) bool {
	if v == nil {
		return true
	}
	p := reflect.ValueOf(v)
	return p.Kind() == reflect.Pointer && p.IsNil()
}
