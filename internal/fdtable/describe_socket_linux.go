package fdtable

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// socket describes a socket, and the other one of a pair in this process.
func (s *subject) socket() Description {
	d := socketOf(s.fd).describe(s.Key)
	if d.Kind != "unix" {
		return d
	}
	if peer, ok := s.dir.unixPeer(s.Ino); ok {
		d.PeerFD = s.find(peer, func(int) bool { return true })
	}
	if d.PeerFD >= 0 {
		d.Detail = commas(d.Detail, fmt.Sprintf("connected to fd %d of this process", d.PeerFD))
	}
	return d
}

// socketOf asks what the socket fd is, see socket(7).
func socketOf(fd int) socket {
	option := func(name int) int {
		value, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, name)
		if err != nil {
			return 0
		}
		return value
	}
	return socket{
		fd:        fd,
		domain:    option(unix.SO_DOMAIN),
		typ:       option(unix.SO_TYPE),
		proto:     option(unix.SO_PROTOCOL),
		listening: option(unix.SO_ACCEPTCONN) != 0,
	}
}

// tcpStates are the names of ss(8) for the states in the kernel's
// net/tcp_states.h, "close" apart, which is also the state of a socket that
// was never connected.
var tcpStates = [...]string{
	1: "established", 2: "syn-sent", 3: "syn-recv", 4: "fin-wait-1", 5: "fin-wait-2", 6: "time-wait",
	7: "not connected", 8: "close-wait", 9: "last-ack", 10: "listening", 11: "closing", 12: "syn-recv",
}

// tcpState names the state of a TCP connection, or nothing.
func tcpState(fd int) string {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || int(info.State) >= len(tcpStates) {
		return ""
	}
	return tcpStates[info.State]
}

// domainKinds are the kinds of sockets of the less usual families.
var domainKinds = map[int]string{
	unix.AF_NETLINK:   "netlink",
	unix.AF_PACKET:    "packet",
	unix.AF_XDP:       "xdp",
	unix.AF_ALG:       "alg",
	unix.AF_CAN:       "can",
	unix.AF_BLUETOOTH: "bluetooth",
	unix.AF_TIPC:      "tipc",
	unix.AF_KEY:       "pfkey",
	unix.AF_QIPCRTR:   "qrtr",
	unix.AF_SMC:       "smc",
	unix.AF_RDS:       "rds",
	unix.AF_KCM:       "kcm",
}

func domainKind(domain int) string {
	if kind, ok := domainKinds[domain]; ok {
		return kind
	}
	return "socket"
}

// netlinkNames are those of netlink(7).
var netlinkNames = map[int]string{
	unix.NETLINK_ROUTE:          "route",
	unix.NETLINK_USERSOCK:       "usersock",
	unix.NETLINK_SOCK_DIAG:      "sock-diag",
	unix.NETLINK_XFRM:           "xfrm",
	unix.NETLINK_SELINUX:        "selinux",
	unix.NETLINK_AUDIT:          "audit",
	unix.NETLINK_CONNECTOR:      "connector",
	unix.NETLINK_NETFILTER:      "netfilter",
	unix.NETLINK_KOBJECT_UEVENT: "kobject-uevent",
	unix.NETLINK_GENERIC:        "generic",
	unix.NETLINK_CRYPTO:         "crypto",
}

// otherName names a socket of a family that has no address to show.
func (s socket) otherName() string {
	switch s.domain {
	case unix.AF_NETLINK:
		if name, ok := netlinkNames[s.proto]; ok {
			return name
		}
		return fmt.Sprint("protocol ", s.proto)
	case unix.AF_PACKET:
		sa, err := unix.Getsockname(s.fd)
		if ll, ok := sa.(*unix.SockaddrLinklayer); ok && err == nil && ll.Ifindex != 0 {
			return "on " + zone(s.fd, uint32(ll.Ifindex))
		}
		return "on every interface"
	default:
		return ""
	}
}

// zone is the name of a network interface, or its number when it has none any
// more. The ioctl (netdevice(7)) goes through the socket at hand.
func zone(fd int, index uint32) string {
	// Any name that fits will do, the kernel overwrites it.
	ifr, err := unix.NewIfreq("?")
	if err != nil {
		return strconv.Itoa(int(index))
	}
	ifr.SetUint32(index)
	if unix.IoctlIfreq(fd, unix.SIOCGIFNAME, ifr) != nil {
		return strconv.Itoa(int(index))
	}
	return ifr.Name()
}
