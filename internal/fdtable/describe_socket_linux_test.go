package fdtable

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

type conn interface {
	net.Conn
	syscall.Conn
}

// listening listens until the test is over.
func listening(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if network == "tcp6" && err != nil {
		t.Skip("no IPv6:", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

// connected dials l and accepts the connection.
func connected(t *testing.T, l net.Listener) (client, server conn) {
	t.Helper()
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	s, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return c.(conn), s.(conn)
}

// arrow is the name of a TCP connection in the words of package net.
func arrow(c net.Conn, state string) string {
	return fmt.Sprintf("%s -> %s (%s)", c.LocalAddr(), c.RemoteAddr(), state)
}

func TestDescribeTCP(t *testing.T) {
	for network, address := range map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"} {
		t.Run(network, func(t *testing.T) {
			l := listening(t, network, address)
			assert.Equal(t, Description{Kind: "listener", Name: "listening on " + l.Addr().String(), PeerFD: -1},
				described(t, fdOf(t, l.(syscall.Conn))))
			client, server := connected(t, l)
			assert.Equal(t, Description{Kind: "tcp", Name: arrow(client, "established"), PeerFD: -1},
				described(t, fdOf(t, client)))
			assert.Equal(t, arrow(server, "established"), described(t, fdOf(t, server)).Name)

			require.NoError(t, client.Close())
			_, err := server.Read(make([]byte, 1))
			require.ErrorIs(t, err, io.EOF)
			assert.Equal(t, arrow(server, "close-wait"), described(t, fdOf(t, server)).Name)
		})
	}
}

func TestDescribeTCPOnEveryInterface(t *testing.T) {
	l := listening(t, "tcp", ":0")
	assert.Equal(t, "listening on "+l.Addr().String(), described(t, fdOf(t, l.(syscall.Conn))).Name)

	// On [::] the kernel has the addresses of an IPv4 peer as ::ffff:127.0.0.1.
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	c, err := net.Dial("tcp4", "127.0.0.1:"+port)
	require.NoError(t, err)
	defer c.Close()
	s, err := l.Accept()
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, arrow(s, "established"), described(t, fdOf(t, s.(conn))).Name)
	assert.Equal(t, fmt.Sprintf("%s -> %s (established)", c.RemoteAddr(), c.LocalAddr()),
		described(t, fdOf(t, s.(conn))).Name)
}

func TestDescribeTCPNotConnected(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	closing(t, fd, err)
	assert.Equal(t, Description{Kind: "tcp", Name: "not bound", PeerFD: -1}, described(t, fd))
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	assert.Regexp(t, `^127\.0\.0\.1:\d+ \(not connected\)$`, described(t, fd).Name)
}

func TestDescribeTCPConnecting(t *testing.T) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	closing(t, listener, err)
	require.NoError(t, unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(listener, 0))
	address, err := unix.Getsockname(listener)
	require.NoError(t, err)
	// A backlog of 0 admits one connection. While it is not accepted, the
	// kernel drops the request for the next.
	first, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	closing(t, first, err)
	require.NoError(t, unix.Connect(first, address))
	queued := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(queued, -1)
		if err != unix.EINTR {
			require.NoError(t, err)
			break
		}
	}
	second, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	closing(t, second, err)
	require.ErrorIs(t, unix.Connect(second, address), unix.EINPROGRESS)
	assert.Regexp(t, `^127\.0\.0\.1:\d+ \(syn-sent\)$`, described(t, second).Name)
}

func TestDescribeUDP(t *testing.T) {
	bound, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer bound.Close()
	assert.Equal(t, Description{Kind: "udp", Name: bound.LocalAddr().String(), PeerFD: -1},
		described(t, fdOf(t, bound.(*net.UDPConn))))

	c, err := net.Dial("udp", bound.LocalAddr().String())
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, fmt.Sprintf("%s -> %s", c.LocalAddr(), c.RemoteAddr()), described(t, fdOf(t, c.(conn))).Name)
}

// socketPath is short enough for a Unix socket, which a test's directory may
// not be.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fd")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "x.sock")
}

func TestDescribeUnixStream(t *testing.T) {
	for network, word := range map[string]string{"unix": "stream", "unixpacket": "seqpacket"} {
		t.Run(network, func(t *testing.T) {
			path := socketPath(t)
			l := listening(t, network, path)
			assert.Equal(t, Description{Kind: "listener", Name: "listening on " + path, Path: path, Detail: word, PeerFD: -1},
				described(t, fdOf(t, l.(syscall.Conn))))

			client, server := connected(t, l)
			c, s := fdOf(t, client), fdOf(t, server)
			other := word + ", connected to fd %d of this process"
			assert.Equal(t, Description{Kind: "unix", Name: path, Path: path, Detail: fmt.Sprintf(other, c), PeerFD: c},
				described(t, s))
			assert.Equal(t, Description{Kind: "unix", Name: "-> " + path, Path: path, Detail: fmt.Sprintf(other, s), PeerFD: s},
				described(t, c))
		})
	}
}

func TestDescribeUnixAbstract(t *testing.T) {
	name := fmt.Sprintf("@fdtable-%d", os.Getpid())
	l := listening(t, "unix", name)
	assert.Equal(t, Description{Kind: "listener", Name: "listening on " + name, Detail: "stream", PeerFD: -1},
		described(t, fdOf(t, l.(syscall.Conn))))
	client, server := connected(t, l)
	assert.Equal(t, "-> "+name, described(t, fdOf(t, client)).Name)
	assert.Equal(t, name, described(t, fdOf(t, server)).Name)
	assert.Empty(t, described(t, fdOf(t, server)).Path)
}

func TestDescribeUnixDatagram(t *testing.T) {
	path := socketPath(t)
	address := &net.UnixAddr{Name: path, Net: "unixgram"}
	bound, err := net.ListenUnixgram("unixgram", address)
	require.NoError(t, err)
	defer bound.Close()
	assert.Equal(t, Description{Kind: "unix", Name: path, Path: path, Detail: "datagram", PeerFD: -1},
		described(t, fdOf(t, bound)))

	from := &net.UnixAddr{Name: path + ".from", Net: "unixgram"}
	c, err := net.DialUnix("unixgram", from, address)
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, Description{
		Kind: "unix", Name: from.Name + " -> " + path, Path: from.Name, PeerFD: fdOf(t, bound),
		Detail: fmt.Sprintf("datagram, connected to fd %d of this process", fdOf(t, bound)),
	}, described(t, fdOf(t, c)))
}

// socketpair returns two connected sockets, open until the test is over.
func socketpair(t *testing.T, typ int) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	return closing(t, fds[0], err), closing(t, fds[1], err)
}

func TestDescribeSocketpair(t *testing.T) {
	a, b := socketpair(t, unix.SOCK_STREAM)
	socketpair(t, unix.SOCK_STREAM)
	want := "stream, connected to fd %d of this process"
	assert.Equal(t, Description{Kind: "unix", Name: "unnamed", Detail: fmt.Sprintf(want, b), PeerFD: b}, described(t, a))
	assert.Equal(t, Description{Kind: "unix", Name: "unnamed", Detail: fmt.Sprintf(want, a), PeerFD: a}, described(t, b))

	// Now a's peer is a number that refers to something else.
	replace(t, b, opened(t, os.DevNull, unix.O_RDONLY))
	assert.Equal(t, Description{Kind: "unix", Name: "unnamed", Detail: "stream", PeerFD: -1}, described(t, a))
}

func TestDescribeNetlink(t *testing.T) {
	for proto, name := range map[int]string{unix.NETLINK_ROUTE: "route", unix.NETLINK_SOCK_DIAG: "sock-diag"} {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
		closing(t, fd, err)
		assert.Equal(t, Description{Kind: "netlink", Name: name, Detail: "raw", PeerFD: -1}, described(t, fd))
	}
}

// privileged is closing for a socket that needs a capability.
func privileged(t *testing.T, fd int, err error) int {
	t.Helper()
	if err == unix.EPERM || err == unix.EACCES || err == unix.EAFNOSUPPORT {
		t.Skip("socket:", err)
	}
	return closing(t, fd, err)
}

func TestDescribePacket(t *testing.T) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	privileged(t, fd, err)
	assert.Equal(t, Description{Kind: "packet", Name: "on every interface", Detail: "datagram", PeerFD: -1}, described(t, fd))
	require.NoError(t, unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: loopback(t)}))
	assert.Equal(t, "on lo", described(t, fd).Name)
}

func TestDescribeRaw(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	privileged(t, fd, err)
	assert.Equal(t, Description{Kind: "raw", Name: "not bound", PeerFD: -1}, described(t, fd))
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	assert.Equal(t, "127.0.0.1", described(t, fd).Name)
}

func TestDescribeVsock(t *testing.T) {
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	privileged(t, fd, err)
	assert.Equal(t, Description{Kind: "vsock", Name: "not bound", PeerFD: -1}, described(t, fd))
}

func TestSocketOfAnUnknownFamily(t *testing.T) {
	d := socket{fd: -1, domain: 12345, typ: unix.SOCK_DGRAM}.describe(Key{Type: unix.S_IFSOCK, Ino: 77})
	assert.Equal(t, Description{Kind: "socket", Name: "socket:[77]", Detail: "datagram", PeerFD: -1}, d)
}

func TestSocketKind(t *testing.T) {
	for want, s := range map[string]socket{
		"tcp":     {domain: unix.AF_INET6, typ: unix.SOCK_STREAM, proto: unix.IPPROTO_MPTCP},
		"udp":     {domain: unix.AF_INET6, typ: unix.SOCK_DGRAM, proto: unix.IPPROTO_UDP},
		"icmp":    {domain: unix.AF_INET, typ: unix.SOCK_DGRAM, proto: unix.IPPROTO_ICMP},
		"raw":     {domain: unix.AF_INET, typ: unix.SOCK_RAW, proto: unix.IPPROTO_ICMP},
		"sctp":    {domain: unix.AF_INET, typ: unix.SOCK_STREAM, proto: unix.IPPROTO_SCTP},
		"unix":    {domain: unix.AF_UNIX, typ: unix.SOCK_DGRAM},
		"vsock":   {domain: unix.AF_VSOCK, typ: unix.SOCK_STREAM},
		"xdp":     {domain: unix.AF_XDP, typ: unix.SOCK_RAW},
		"netlink": {domain: unix.AF_NETLINK, typ: unix.SOCK_RAW},
		"socket":  {},
	} {
		assert.Equal(t, want, s.kind())
	}
}

func loopback(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/sys/class/net/lo/ifindex")
	require.NoError(t, err)
	index, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return index
}

func TestEndpointPrintsAsNetDoes(t *testing.T) {
	a, _ := socketpair(t, unix.SOCK_STREAM)
	ip6 := func(text string) (addr [16]byte) { return [16]byte(net.ParseIP(text).To16()) }
	for _, tt := range []struct {
		address unix.Sockaddr
		want    net.Addr
		set     bool
	}{
		{&unix.SockaddrInet4{Addr: [4]byte{10, 0, 0, 1}, Port: 80}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, true},
		{&unix.SockaddrInet4{}, &net.TCPAddr{IP: net.IPv4zero}, false},
		{&unix.SockaddrInet6{Port: 8080}, &net.TCPAddr{IP: net.IPv6unspecified, Port: 8080}, true},
		{&unix.SockaddrInet6{Addr: ip6("::ffff:10.0.0.1"), Port: 80}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, true},
		{
			&unix.SockaddrInet6{Addr: ip6("fe80::1"), Port: 80, ZoneId: uint32(loopback(t))},
			&net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 80, Zone: "lo"}, true,
		},
		{
			&unix.SockaddrInet6{Addr: ip6("fe80::1"), Port: 80, ZoneId: 1<<31 - 1},
			&net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 80, Zone: "2147483647"}, true,
		},
	} {
		text, set := endpoint(a, tt.address)
		assert.Equal(t, tt.want.String(), text)
		assert.Equal(t, tt.set, set, text)
	}
}

// pooledPipes returns the ends of pooled pipes, each with the other end.
func pooledPipes(t *testing.T) map[int]int {
	t.Helper()
	table, ends := census(t), map[int]int{}
	for _, k := range table {
		if d := NewReader().Describe(k, table); d.PooledPipe {
			assert.Equal(t, "pipe", d.Kind)
			ends[int(k.FD)] = d.PeerFD
		}
	}
	return ends
}

// spliced copies between two connections, for which package net takes a pipe
// from the pool in internal/poll.
func spliced(t *testing.T) {
	t.Helper()
	l := listening(t, "tcp", "127.0.0.1:0")
	sender, source := connected(t, l)
	sink, _ := connected(t, l)
	_, err := sender.Write([]byte("some bytes"))
	require.NoError(t, err)
	require.NoError(t, sender.Close())
	n, err := io.Copy(sink, source)
	require.NoError(t, err)
	require.EqualValues(t, 10, n)
}

func TestPooledPipe(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	spliced(t)
	ends := pooledPipes(t)
	assert.GreaterOrEqual(t, len(ends), 2, "both ends of a pipe")
	for fd, peer := range ends {
		assert.Equal(t, fd, ends[peer])
	}
	// Collections empty the pool, and then the pipes' cleanups run.
	for len(pooledPipes(t)) > 0 {
		runtime.GC()
	}
}

func TestPipesThatAreNotPooled(t *testing.T) {
	const size = maxSpliceSize
	r, w := pipe2(t, unix.O_NONBLOCK)
	assert.False(t, described(t, r).PooledPipe, "of the usual size")
	_, err := unix.FcntlInt(uintptr(r), unix.F_SETPIPE_SZ, size)
	require.NoError(t, err)
	assert.True(t, described(t, r).PooledPipe)
	assert.True(t, described(t, w).PooledPipe)
	_, err = unix.Write(w, []byte("x"))
	require.NoError(t, err)
	assert.False(t, described(t, r).PooledPipe, "with something in it")
	assert.False(t, described(t, w).PooledPipe, "with something in it")
	require.NoError(t, unix.Close(w))
	assert.False(t, described(t, r).PooledPipe, "with one end")
	require.NoError(t, unix.Close(r))

	r, w = pipe2(t, 0)
	_, err = unix.FcntlInt(uintptr(r), unix.F_SETPIPE_SZ, size)
	require.NoError(t, err)
	assert.False(t, described(t, r).PooledPipe, "blocking")
	require.NoError(t, unix.Close(r))
	require.NoError(t, unix.Close(w))
}
