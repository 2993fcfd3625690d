package resources

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

// Listen is [net.Listen], with the listener and the connections that it accepts
// tracked, each until it is closed. It is a [*TCPListener] or [*UnixListener].
// The name that [WithName] gives is the listener's; the connections keep their
// own.
func Listen(network, address string, opts ...Option) (net.Listener, error) {
	c := ListenConfig{Options: opts}
	return c.Listen(context.Background(), network, address)
}

// A ListenConfig is a [net.ListenConfig] whose listeners, accepted connections
// and packet connections are tracked until they are closed.
type ListenConfig struct {
	net.ListenConfig
	Options []Option // for each listener, as with Listen
}

// Listen is [net.ListenConfig.Listen].
func (c *ListenConfig) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	if ctx == nil {
		return nil, errNoContext("listening on " + network + " " + address)
	}
	l, err := c.ListenConfig.Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return listenerFor(l, "", c.Options), nil
}

// ListenPacket is [net.ListenConfig.ListenPacket].
func (c *ListenConfig) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	if ctx == nil {
		return nil, errNoContext("listening on " + network + " " + address)
	}
	p, err := c.ListenConfig.ListenPacket(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return packetStandInFor(p, c.Options), nil
}

// WrapListener returns a stand-in for a listener that somebody else opened,
// which tracks as that of [Listen] does: a [*TCPListener] or [*UnixListener]
// for what package net returns. For a listener of another type it has
// SyscallConn and SetDeadline if that type has them.
//
// Over TLS, what is tracked is the connection below, since net/http speaks
// HTTP/2 only if it gets a [*crypto/tls.Conn]. For that, the listener of
// [crypto/tls.NewListener] is taken apart. A listener of another type may
// return one too: that is not tracked unless the listener below is wrapped.
//
// What is a stand-in already comes back as it is. The error is not nil only if
// there is no listener.
func WrapListener(l net.Listener, opts ...Option) (net.Listener, error) {
	if missing(l) {
		return nil, errors.New("resources: wrapping a listener: it is nil; pass the one that Listen returned, after checking its error")
	}
	return listenerFor(l, "", opts), nil
}

// listenerFor is WrapListener for a listener that there is. kind is that of
// the connections, as for standInFor.
func listenerFor(l net.Listener, kind string, opts []Option) net.Listener {
	switch l := l.(type) {
	case *net.TCPListener:
		s := &TCPListener{TCPListener: l, accepted: acceptedOf(kind, opts)}
		s.listens(s, l, l, opts)
		return s
	case *net.UnixListener:
		s := &UnixListener{UnixListener: l, accepted: acceptedOf(kind, opts)}
		s.listens(s, l, l, opts)
		return s
	}
	if isStandIn(l) {
		return l
	}
	if t, ok := openTLSListener(l); ok {
		return t.over(listenerFor(t.inner, "tls", opts))
	}
	return newOtherListener(l, kind, opts)
}

// listens begins the tracking of a listener's stand-in, unless it is switched
// off.
func (h *handle) listens(ptr any, l net.Listener, sys syscall.Conn, opts []Option) {
	if tracks() {
		h.enter(ptr, sys, "listening on "+addrText(l.Addr()), "listener", opts)
	}
}

// accepted is how the connections of a listener are tracked.
type accepted struct {
	kind string
	opts []Option
}

// acceptedOf leaves out the name, which is the listener's.
func acceptedOf(kind string, opts []Option) accepted {
	if t := optionsOf(opts).tracker; t != nil {
		return accepted{kind, []Option{WithTracker(t)}}
	}
	return accepted{kind: kind}
}

// A TCPListener is a tracked [net.TCPListener], with all of its methods.
type TCPListener struct {
	*net.TCPListener
	handle
	accepted accepted
}

// Accept returns the next connection, a tracked [*TCPConn].
func (l *TCPListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptTCP returns the next connection, tracked.
func (l *TCPListener) AcceptTCP() (*TCPConn, error) {
	c, err := l.TCPListener.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return newTCPConn(c, l.accepted.kind, l.accepted.opts), nil
}

// Close stops listening, and the listener is no longer tracked then, whatever
// the error. Connections stay open.
func (l *TCPListener) Close() error {
	if l == nil {
		return syscall.EINVAL
	}
	err := l.TCPListener.Close()
	l.close(l, err)
	return err
}

func (l *TCPListener) forget() { l.close(l, nil) }

// A UnixListener is a tracked [net.UnixListener], with all of its methods.
type UnixListener struct {
	*net.UnixListener
	handle
	accepted accepted
}

// Accept returns the next connection, a tracked [*UnixConn].
func (l *UnixListener) Accept() (net.Conn, error) {
	c, err := l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptUnix returns the next connection, tracked.
func (l *UnixListener) AcceptUnix() (*UnixConn, error) {
	c, err := l.UnixListener.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return newUnixConn(c, l.accepted.kind, l.accepted.opts), nil
}

// Close stops listening, and the listener is no longer tracked then, whatever
// the error. Connections stay open.
func (l *UnixListener) Close() error {
	if l == nil {
		return syscall.EINVAL
	}
	err := l.UnixListener.Close()
	l.close(l, err)
	return err
}

func (l *UnixListener) forget() { l.close(l, nil) }

// otherListener stands in for a listener of a type that is not known here.
type otherListener struct {
	net.Listener
	handle
	accepted accepted
}

type deadliner interface{ SetDeadline(time.Time) error }

func newOtherListener(l net.Listener, kind string, opts []Option) net.Listener {
	s := &otherListener{Listener: l, accepted: acceptedOf(kind, opts)}
	sys, hasSys := l.(syscall.Conn)
	d, hasDeadline := l.(deadliner)
	s.listens(s, l, sys, opts)
	switch {
	case hasSys && hasDeadline:
		return &struct {
			*otherListener
			syscall.Conn
			deadliner
		}{s, sys, d}
	case hasSys:
		return &struct {
			*otherListener
			syscall.Conn
		}{s, sys}
	case hasDeadline:
		return &struct {
			*otherListener
			deadliner
		}{s, d}
	}
	return s
}

func (l *otherListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || missing(c) || isTLS(c) {
		return c, err
	}
	return standInFor(c, l.accepted.kind, l.accepted.opts), nil
}

func (l *otherListener) Close() error {
	err := l.Listener.Close()
	l.close(l, err)
	return err
}

func (l *otherListener) forget() { l.close(l, nil) }
