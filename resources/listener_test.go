package resources_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListenTracksListenerAndAccepted(t *testing.T) {
	for _, tt := range []struct {
		network, address string
		listener, conn   any
	}{
		{"tcp", "127.0.0.1:0", &resources.TCPListener{}, &resources.TCPConn{}},
		{"unix", filepath.Join(t.TempDir(), "s"), &resources.UnixListener{}, &resources.UnixConn{}},
	} {
		t.Run(tt.network, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			l, err := resources.Listen(tt.network, tt.address, resources.WithTracker(tr))
			require.NoError(t, err)
			assert.IsType(t, tt.listener, l)
			got := liveOne(t, tr)
			assert.Equal(t, "listener", got.Kind)
			assert.Equal(t, "listening on "+l.Addr().String(), got.Name)

			client, err := net.Dial(tt.network, l.Addr().String())
			require.NoError(t, err)
			defer client.Close()
			server := acceptOne(t, l)
			assert.IsType(t, tt.conn, server)
			live := tr.Live()
			require.Len(t, live, 2)
			assert.Equal(t, tt.network, live[1].Kind)
			openedHere(t, live[1])

			require.NoError(t, l.Close())
			assert.Equal(t, 1, tr.Len(), "an accepted connection outlives the listener")
			assert.ErrorIs(t, l.Close(), net.ErrClosed)
			_, err = l.Accept()
			assert.ErrorIs(t, err, net.ErrClosed)
			require.NoError(t, server.Close())
			assert.Zero(t, tr.Len())
		})
	}
}

func TestTheNameOfAListenerIsNotThatOfItsConnections(t *testing.T) {
	tr := leakcheck.NewTracker()
	l, err := resources.Listen("tcp", "127.0.0.1:0", resources.WithTracker(tr), resources.WithName("front"))
	require.NoError(t, err)
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	acceptOne(t, l)
	live := tr.Live()
	require.Len(t, live, 2)
	assert.Equal(t, "front", live[0].Name)
	assert.Equal(t, l.Addr().String()+" -> "+client.LocalAddr().String(), live[1].Name)
}

func TestListenOnAnAddressInUse(t *testing.T) {
	tr, l := leakcheck.NewTracker(), plainListener(t, "tcp", "127.0.0.1:0")
	second, err := resources.Listen("tcp", l.Addr().String(), resources.WithTracker(tr))
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	assert.ErrorContains(t, err, "listen tcp "+l.Addr().String())
	assert.Nil(t, second)
	assert.Zero(t, tr.Len())
}

func TestListenConfigWithoutContext(t *testing.T) {
	var none context.Context
	var c resources.ListenConfig
	_, err := c.Listen(none, "tcp", "127.0.0.1:0")
	assert.ErrorContains(t, err, "resources: listening on tcp 127.0.0.1:0: the context is nil")
	_, err = c.ListenPacket(none, "udp", "127.0.0.1:0")
	assert.ErrorContains(t, err, "resources: listening on udp 127.0.0.1:0: the context is nil")
}

func TestListenersKeepTheirMethods(t *testing.T) {
	tr := leakcheck.NewTracker()
	l, err := resources.Listen("tcp", "127.0.0.1:0", resources.WithTracker(tr))
	require.NoError(t, err)
	defer l.Close()
	tcp := l.(*resources.TCPListener)
	require.NoError(t, tcp.SetDeadline(time.Now().Add(-time.Second)))
	c, err := l.Accept()
	assert.ErrorContains(t, err, "timeout")
	assert.Nil(t, c)
	assert.Equal(t, 1, tr.Len())
	f, err := tcp.File()
	require.NoError(t, err)
	assert.NoError(t, f.Close())
}

func TestADroppedListenerIsLost(t *testing.T) {
	tr := leakcheck.NewTracker()
	lost := awaitLost(t, tr, func() {
		_, err := resources.Listen("tcp", "127.0.0.1:0", resources.WithTracker(tr))
		require.NoError(t, err)
	})
	assert.Equal(t, "listener", lost.Kind)
}

// limited is a listener as others write them.
type limited struct {
	net.Listener
	closeErr error
}

func (l *limited) Close() error { return errors.Join(l.Listener.Close(), l.closeErr) }

func TestWrapListenerOfAnotherType(t *testing.T) {
	tr, failed := leakcheck.NewTracker(), errors.New("the lock file stays")
	inner := &limited{plainListener(t, "tcp", "127.0.0.1:0"), failed}
	l, err := resources.WrapListener(inner, resources.WithTracker(tr))
	require.NoError(t, err)
	again, err := resources.WrapListener(l, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Same(t, l, again)
	assert.Equal(t, "listener", liveOne(t, tr).Kind)
	_, hasSystem := l.(syscall.Conn)
	assert.False(t, hasSystem)

	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	assert.IsType(t, &resources.TCPConn{}, acceptOne(t, l))
	assert.Equal(t, 2, tr.Len())
	assert.ErrorIs(t, l.Close(), failed)
	assert.Equal(t, "tcp", liveOne(t, tr).Kind)
}

func TestWrapListenerKeepsOptionalMethods(t *testing.T) {
	tcp := plainListener(t, "tcp", "127.0.0.1:0").(*net.TCPListener)
	type deadliner interface{ SetDeadline(time.Time) error }
	for _, inner := range []net.Listener{
		struct{ net.Listener }{tcp},
		struct {
			net.Listener
			syscall.Conn
		}{tcp, tcp},
		struct {
			net.Listener
			deadliner
		}{tcp, tcp},
		struct {
			net.Listener
			syscall.Conn
			deadliner
		}{tcp, tcp, tcp},
	} {
		l, err := resources.WrapListener(inner, resources.WithTracker(leakcheck.NewTracker()))
		require.NoError(t, err)
		_, want := inner.(syscall.Conn)
		_, got := l.(syscall.Conn)
		assert.Equal(t, want, got)
		_, want = inner.(deadliner)
		_, got = l.(deadliner)
		assert.Equal(t, want, got)
	}
}

func TestWrapListenerOfNothing(t *testing.T) {
	for _, l := range []net.Listener{nil, (*net.TCPListener)(nil), (*limited)(nil)} {
		w, err := resources.WrapListener(l)
		assert.ErrorContains(t, err, "resources: wrapping a listener: it is nil")
		assert.Nil(t, w)
	}
}
