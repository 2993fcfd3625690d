package resources_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListenPacketTracksUntilClose(t *testing.T) {
	for _, tt := range []struct {
		kind, network, address string
		want                   any
	}{
		{"udp", "udp", "127.0.0.1:0", &resources.UDPConn{}},
		{"unix", "unixgram", filepath.Join(t.TempDir(), "s"), &resources.UnixConn{}},
	} {
		t.Run(tt.network, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			c, err := resources.ListenPacket(tt.network, tt.address, resources.WithTracker(tr))
			require.NoError(t, err)
			assert.IsType(t, tt.want, c)
			got := liveOne(t, tr)
			assert.Equal(t, tt.kind, got.Kind)
			assert.Equal(t, c.LocalAddr().String(), got.Name)

			client, err := net.Dial(tt.network, c.LocalAddr().String())
			require.NoError(t, err)
			defer client.Close()
			_, err = client.Write([]byte("ping"))
			require.NoError(t, err)
			buf := make([]byte, 8)
			n, _, err := c.ReadFrom(buf)
			require.NoError(t, err)
			assert.Equal(t, "ping", string(buf[:n]))

			require.NoError(t, c.Close())
			assert.Zero(t, tr.Len())
			assert.ErrorIs(t, c.Close(), net.ErrClosed)
		})
	}
}

func TestListenPacketOnAnAddressInUse(t *testing.T) {
	tr := leakcheck.NewTracker()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	second, err := resources.ListenPacket("udp", c.LocalAddr().String(), resources.WithTracker(tr))
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	assert.Nil(t, second)
	assert.Zero(t, tr.Len())
}

func TestWrapPacketConnOfAnotherType(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer udp.Close()
	for _, inner := range []net.PacketConn{
		&struct{ net.PacketConn }{udp},
		&struct {
			net.PacketConn
			syscall.Conn
		}{udp, udp.(syscall.Conn)},
	} {
		tr := leakcheck.NewTracker()
		c, err := resources.WrapPacketConn(inner, resources.WithTracker(tr))
		require.NoError(t, err)
		again, err := resources.WrapPacketConn(c)
		require.NoError(t, err)
		assert.Same(t, c, again)
		assert.Equal(t, "udp", liveOne(t, tr).Kind)
		_, want := inner.(syscall.Conn)
		_, got := c.(syscall.Conn)
		assert.Equal(t, want, got)
		assert.Same(t, inner, c.(interface{ NetPacketConn() net.PacketConn }).NetPacketConn())
		_ = c.Close()
		assert.Zero(t, tr.Len())
	}
}

func TestWrapPacketConnOfNothing(t *testing.T) {
	for _, c := range []net.PacketConn{nil, (*net.UDPConn)(nil)} {
		w, err := resources.WrapPacketConn(c)
		assert.ErrorContains(t, err, "resources: wrapping a packet connection: it is nil")
		assert.Nil(t, w)
	}
}
