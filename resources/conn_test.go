package resources_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/fakes"
	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainListener listens without being tracked.
func plainListener(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// acceptOne returns the connection that a dialer of l made.
func acceptOne(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestDialTracksUntilClose(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		kind, network, address string
		want                   any
	}{
		{"tcp", "tcp", "127.0.0.1:0", &resources.TCPConn{}},
		{"unix", "unix", filepath.Join(dir, "s"), &resources.UnixConn{}},
	} {
		t.Run(tt.network, func(t *testing.T) {
			tr, l := leakcheck.NewTracker(), plainListener(t, tt.network, tt.address)
			c, err := resources.Dial(tt.network, l.Addr().String(), resources.WithTracker(tr))
			require.NoError(t, err)
			assert.IsType(t, tt.want, c)
			got := liveOne(t, tr)
			assert.Equal(t, tt.kind, got.Kind)
			assert.True(t, strings.HasSuffix(got.Name, "-> "+l.Addr().String()), got.Name)
			assert.NoError(t, c.Close())
			assert.Zero(t, tr.Len())
			assert.ErrorIs(t, c.Close(), net.ErrClosed, "as the plain one")
			assert.Zero(t, tr.Len())
		})
	}
}

func TestDialUDP(t *testing.T) {
	tr := leakcheck.NewTracker()
	c, err := resources.Dial("udp", "127.0.0.1:9", resources.WithTracker(tr))
	require.NoError(t, err)
	assert.IsType(t, &resources.UDPConn{}, c)
	got := liveOne(t, tr)
	assert.Equal(t, "udp", got.Kind)
	assert.Equal(t, c.LocalAddr().String()+" -> 127.0.0.1:9", got.Name)
	require.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestWithNameNamesAConnection(t *testing.T) {
	tr := leakcheck.NewTracker()
	c, err := resources.Dial("udp", "127.0.0.1:9", resources.WithTracker(tr), resources.WithName("the log"))
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, "the log", liveOne(t, tr).Name)
}

func TestDialRefused(t *testing.T) {
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	require.NoError(t, l.Close())
	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.ErrorContains(t, err, "dial tcp "+l.Addr().String())
	assert.Nil(t, c)
	assert.Zero(t, tr.Len())
}

func TestDialWithoutEnd(t *testing.T) {
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c, err := resources.DialContext(ctx, "tcp", l.Addr().String(), resources.WithTracker(tr))
	assert.ErrorContains(t, err, "dial tcp "+l.Addr().String()+": operation was canceled")
	assert.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, c)

	c, err = resources.DialTimeout("tcp", l.Addr().String(), -1, resources.WithTracker(tr))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Nil(t, c)

	var none context.Context
	c, err = resources.DialContext(none, "tcp", "127.0.0.1:1", resources.WithTracker(tr))
	assert.EqualError(t, err, "resources: dialing tcp 127.0.0.1:1: the context is nil; pass context.Background() if there is none")
	assert.Nil(t, c)
	assert.Zero(t, tr.Len())
}

func TestDialerOfEachProtocol(t *testing.T) {
	tr, ctx := leakcheck.NewTracker(), context.Background()
	d := resources.Dialer{Options: []resources.Option{resources.WithTracker(tr)}}
	l := plainListener(t, "tcp", "127.0.0.1:0")
	addr := netip.MustParseAddrPort(l.Addr().String())

	for kind, dial := range map[string]func() (net.Conn, error){
		"tcp": func() (net.Conn, error) { return d.DialTCP(ctx, "tcp", netip.AddrPort{}, addr) },
		"udp": func() (net.Conn, error) { return d.DialUDP(ctx, "udp", netip.AddrPort{}, addr) },
		"unix": func() (net.Conn, error) {
			path := filepath.Join(t.TempDir(), "s")
			plainListener(t, "unix", path)
			return d.DialUnix(ctx, "unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
		},
	} {
		c, err := dial()
		require.NoError(t, err, kind)
		assert.Equal(t, kind, liveOne(t, tr).Kind)
		require.NoError(t, c.Close())
		assert.Zero(t, tr.Len())
	}
	require.NoError(t, l.Close())
	_, err := d.DialTCP(ctx, "tcp", netip.AddrPort{}, addr)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	var none context.Context
	_, err = d.DialUnix(none, "unix", nil, nil)
	assert.ErrorContains(t, err, "resources: dialing unix <nil>: the context is nil")
	assert.Zero(t, tr.Len())
}

func TestDialIP(t *testing.T) {
	tr := leakcheck.NewTracker()
	d := resources.Dialer{Options: []resources.Option{resources.WithTracker(tr)}}
	local := netip.MustParseAddr("127.0.0.1")
	c, err := d.DialIP(context.Background(), "ip4:icmp", netip.Addr{}, local)
	if errors.Is(err, os.ErrPermission) {
		t.Skip("raw sockets are for a privileged user:", err)
	}
	require.NoError(t, err)
	assert.Equal(t, "raw", liveOne(t, tr).Kind)
	require.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestConnectionsKeepTheirMethods(t *testing.T) {
	l := plainListener(t, "tcp", "127.0.0.1:0")
	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(leakcheck.NewTracker()))
	require.NoError(t, err)
	defer c.Close()
	tcp := c.(interface {
		net.Conn
		syscall.Conn
		io.ReaderFrom
		io.WriterTo
		CloseRead() error
		CloseWrite() error
		File() (*os.File, error)
		MultipathTCP() (bool, error)
		NetConn() net.Conn
		SetKeepAlive(bool) error
		SetKeepAliveConfig(net.KeepAliveConfig) error
		SetKeepAlivePeriod(time.Duration) error
		SetLinger(int) error
		SetNoDelay(bool) error
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	})
	assert.NoError(t, tcp.SetNoDelay(false))
	assert.NoError(t, tcp.SetKeepAlivePeriod(time.Minute))
	assert.IsType(t, &net.TCPConn{}, tcp.NetConn())
	f, err := tcp.File()
	require.NoError(t, err)
	assert.NoError(t, f.Close())

	_ = (*resources.UnixConn).ReadMsgUnix
	_ = (*resources.UDPConn).ReadMsgUDPAddrPort
}

func TestHalfClose(t *testing.T) {
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
	require.NoError(t, err)
	peer := acceptOne(t, l)
	require.NoError(t, c.(*resources.TCPConn).CloseWrite())
	_, err = peer.Read(make([]byte, 1))
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, 1, tr.Len(), "half of it is open")
	require.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestDeadlineOfAConnection(t *testing.T) {
	l := plainListener(t, "tcp", "127.0.0.1:0")
	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(leakcheck.NewTracker()))
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(-time.Second)))
	_, err = c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestADroppedConnectionIsLost(t *testing.T) {
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	lost := awaitLost(t, tr, func() {
		_, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
		require.NoError(t, err)
	})
	assert.Equal(t, "tcp", lost.Kind)
	openedHere(t, lost)
	assert.Zero(t, tr.Len())
}

func TestTrackingSwitchedOff(t *testing.T) {
	resources.SetTracking(false)
	defer resources.SetTracking(true)
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
	require.NoError(t, err)
	assert.IsType(t, &resources.TCPConn{}, c)
	assert.Zero(t, tr.Len())
	assert.NoError(t, c.Close())
}

func TestWrapConnOfNothing(t *testing.T) {
	for _, c := range []net.Conn{nil, (*net.TCPConn)(nil), (*fakes.Conn)(nil), (*tls.Conn)(nil)} {
		w, err := resources.WrapConn(c)
		assert.ErrorContains(t, err, "resources: wrapping a connection: it is nil")
		assert.Nil(t, w)
	}
}

func TestWrapConnOfAnotherType(t *testing.T) {
	tr := leakcheck.NewTracker()
	a, b := fakes.NewConn()
	defer b.Close()
	a.CloseErr = errors.New("the wire is cut")
	c, err := resources.WrapConn(a, resources.WithTracker(tr), resources.WithName("pipe"))
	require.NoError(t, err)
	again, err := resources.WrapConn(c, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Same(t, c, again)
	got := liveOne(t, tr)
	assert.Equal(t, "conn", got.Kind)
	assert.Equal(t, "pipe", got.Name)
	assert.Same(t, a, c.(interface{ NetConn() net.Conn }).NetConn())
	assert.Equal(t, a.CloseErr, c.Close(), "unchanged")
	assert.Zero(t, tr.Len())
	assert.Equal(t, a.CloseErr, c.Close())
	assert.Equal(t, 2, a.Closed())
}

type (
	halfCloser struct{}
	system     struct{}
	readerFrom struct{}
	writerTo   struct{}
)

func (halfCloser) CloseWrite() error                     { return errors.New("half") }
func (system) SyscallConn() (syscall.RawConn, error)     { return nil, errors.New("system") }
func (readerFrom) ReadFrom(io.Reader) (n int64, e error) { return 1, errors.New("from") }
func (writerTo) WriteTo(io.Writer) (n int64, e error)    { return 2, errors.New("to") }

// connsOfEachType are connections with every combination of optional methods.
func connsOfEachType(c net.Conn) []net.Conn {
	type (
		C = net.Conn
		H = halfCloser
		S = system
		R = readerFrom
		W = writerTo
	)
	return []net.Conn{
		struct{ C }{c},
		struct {
			C
			W
		}{C: c},
		struct {
			C
			R
		}{C: c},
		struct {
			C
			R
			W
		}{C: c},
		struct {
			C
			S
		}{C: c},
		struct {
			C
			S
			W
		}{C: c},
		struct {
			C
			S
			R
		}{C: c},
		struct {
			C
			S
			R
			W
		}{C: c},
		struct {
			C
			H
		}{C: c},
		struct {
			C
			H
			W
		}{C: c},
		struct {
			C
			H
			R
		}{C: c},
		struct {
			C
			H
			R
			W
		}{C: c},
		struct {
			C
			H
			S
		}{C: c},
		struct {
			C
			H
			S
			W
		}{C: c},
		struct {
			C
			H
			S
			R
		}{C: c},
		struct {
			C
			H
			S
			R
			W
		}{C: c},
	}
}

// methodsOf names the optional methods of c, by what they return.
func methodsOf(c net.Conn) (names []string) {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		names = append(names, h.CloseWrite().Error())
	}
	if s, ok := c.(syscall.Conn); ok {
		_, err := s.SyscallConn()
		names = append(names, err.Error())
	}
	if r, ok := c.(io.ReaderFrom); ok {
		_, err := r.ReadFrom(nil)
		names = append(names, err.Error())
	}
	if w, ok := c.(io.WriterTo); ok {
		_, err := w.WriteTo(nil)
		names = append(names, err.Error())
	}
	return names
}

func TestOptionalMethodsAreThoseOfTheWrapped(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	seen := map[string]bool{}
	for _, inner := range connsOfEachType(a) {
		tr := leakcheck.NewTracker()
		c, err := resources.WrapConn(inner, resources.WithTracker(tr))
		require.NoError(t, err)
		want := methodsOf(inner)
		assert.Equal(t, want, methodsOf(c))
		seen[strings.Join(want, " ")] = true
		assert.Equal(t, 1, tr.Len())
		require.NoError(t, c.Close())
		assert.Zero(t, tr.Len(), want)
	}
	assert.Len(t, seen, 16)
}
