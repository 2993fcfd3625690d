//go:build linux || darwin

package fdtable

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// A socket is what getsockopt(2) says about one.
type socket struct {
	fd        int
	domain    int // AF_…
	typ       int // SOCK_…
	proto     int // IPPROTO_…, 0 when it is not known
	listening bool
}

// describe says what s is, by its addresses. None of it needs a descriptor.
func (s socket) describe(k Key) Description {
	d := Description{Kind: s.kind(), PeerFD: -1}
	switch s.domain {
	case unix.AF_INET, unix.AF_INET6, unix.AF_VSOCK:
		d.Name = s.connection()
	case unix.AF_UNIX:
		d.Name, d.Path = s.unixNames()
		d.Detail = typeWord(s.typ)
	default:
		d.Name, d.Detail = s.otherName(), typeWord(s.typ)
	}
	if s.listening {
		d.Kind = "listener"
	}
	if d.Name == "" {
		d.Name = label(k)
	}
	return d
}

func (s socket) kind() string {
	switch s.domain {
	case unix.AF_INET, unix.AF_INET6:
		return s.inetKind()
	case unix.AF_UNIX:
		return "unix"
	case unix.AF_VSOCK:
		return "vsock"
	default:
		return domainKind(s.domain)
	}
}

// inetKind is the transport. Go listens with MPTCP by default since 1.24; to
// its user that is tcp.
func (s socket) inetKind() string {
	switch {
	case s.proto == unix.IPPROTO_SCTP:
		return "sctp"
	case s.typ == unix.SOCK_STREAM:
		return "tcp"
	case s.typ == unix.SOCK_RAW:
		return "raw"
	case s.proto == unix.IPPROTO_ICMP || s.proto == unix.IPPROTO_ICMPV6:
		return "icmp"
	default:
		return "udp"
	}
}

func typeWord(typ int) string {
	return map[int]string{
		unix.SOCK_STREAM:    "stream",
		unix.SOCK_DGRAM:     "datagram",
		unix.SOCK_SEQPACKET: "seqpacket",
		unix.SOCK_RAW:       "raw",
	}[typ]
}

// connection is both addresses and the state, as far as there are any.
func (s socket) connection() string {
	local, bound := s.local()
	remote, connected := s.remote()
	switch {
	case s.listening:
		return "listening on " + local
	case !bound && !connected:
		return "not bound"
	case connected:
		local += " -> " + remote
	}
	if s.inetKind() != "tcp" || s.domain == unix.AF_VSOCK {
		return local
	}
	if state := tcpState(s.fd); state != "" {
		local += " (" + state + ")"
	}
	return local
}

// unixNames is what a Unix socket is called: by its own name, by that of the
// socket it is connected to, or by both. A server's accepted connection has
// the name of the listener. Path is the one in the file system, if any.
func (s socket) unixNames() (name, path string) {
	local, bound := s.local()
	remote, connected := s.remote()
	switch {
	case s.listening:
		name = "listening on " + local
	case bound && connected && local != remote:
		name = local + " -> " + remote
	case bound:
		name = local
	case connected:
		name, local = "-> "+remote, remote
	default:
		name = "unnamed"
	}
	if local == "" || local[0] == '@' {
		return name, ""
	}
	return name, local
}

// local is the address that the socket is bound to.
func (s socket) local() (text string, bound bool) {
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return "", false
	}
	return s.endpoint(sa)
}

// remote is the address that the socket is connected to.
func (s socket) remote() (text string, connected bool) {
	sa, err := unix.Getpeername(s.fd)
	if err != nil {
		return "", false
	}
	return s.endpoint(sa)
}

// endpoint is [endpoint], less what getsockname says in place of a port for a
// raw socket: its protocol.
func (s socket) endpoint(sa unix.Sockaddr) (text string, set bool) {
	text, set = endpoint(s.fd, sa)
	if s.typ != unix.SOCK_RAW {
		return text, set
	}
	if addr, err := netip.ParseAddrPort(text); err == nil {
		return addr.Addr().String(), !addr.Addr().IsUnspecified()
	}
	return text, set
}

// endpoint prints an address as package net does. It is not set when it is
// the one of a socket that has none. The socket fd is used to ask for the
// name of an IPv6 zone.
func endpoint(fd int, sa unix.Sockaddr) (text string, set bool) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return addrPort(netip.AddrFrom4(sa.Addr), sa.Port)
	case *unix.SockaddrInet6:
		addr := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.ZoneId != 0 {
			addr = addr.WithZone(zone(fd, sa.ZoneId))
		}
		return addrPort(addr, sa.Port)
	case *unix.SockaddrUnix:
		// x/sys prints the leading NUL of an abstract name as @, and takes
		// the missing name of an unnamed socket for one.
		return sa.Name, sa.Name != "" && sa.Name != "@"
	case *unix.SockaddrVM:
		return fmt.Sprintf("%d:%d", sa.CID, sa.Port), sa.Port != unix.VMADDR_PORT_ANY
	default:
		return "", false
	}
}

func addrPort(addr netip.Addr, port int) (text string, set bool) {
	return netip.AddrPortFrom(addr, uint16(port)).String(), port != 0 || !addr.IsUnspecified()
}
