package resources

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Dial is [net.Dial], with the connection tracked until it is closed. It is a
// [*TCPConn], [*UnixConn], [*UDPConn] or [*IPConn].
func Dial(network, address string, opts ...Option) (net.Conn, error) {
	return DialTimeout(network, address, 0, opts...)
}

// DialTimeout is [net.DialTimeout], with the connection tracked as by [Dial].
func DialTimeout(network, address string, timeout time.Duration, opts ...Option) (net.Conn, error) {
	d := Dialer{Dialer: net.Dialer{Timeout: timeout}, Options: opts}
	return d.Dial(network, address)
}

// DialContext is [net.Dialer.DialContext] of a zero Dialer, with the connection
// tracked as by [Dial]. The context is for connecting only: the connection
// outlives it.
func DialContext(ctx context.Context, network, address string, opts ...Option) (net.Conn, error) {
	d := Dialer{Options: opts}
	return d.DialContext(ctx, network, address)
}

// A Dialer is a [net.Dialer] whose connections are tracked until they are
// closed. Its DialContext is what an [net/http.Transport] or a database driver
// takes.
type Dialer struct {
	net.Dialer
	Options []Option // for each connection
}

// Dial is [net.Dialer.Dial].
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext is [net.Dialer.DialContext].
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + address)
	}
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return standInFor(c, "", d.Options), nil
}

// DialTCP is [net.Dialer.DialTCP].
func (d *Dialer) DialTCP(ctx context.Context, network string, local, remote netip.AddrPort) (*TCPConn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + remote.String())
	}
	c, err := d.Dialer.DialTCP(ctx, network, local, remote)
	if err != nil {
		return nil, err
	}
	return newTCPConn(c, "", d.Options), nil
}

// DialUDP is [net.Dialer.DialUDP].
func (d *Dialer) DialUDP(ctx context.Context, network string, local, remote netip.AddrPort) (*UDPConn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + remote.String())
	}
	c, err := d.Dialer.DialUDP(ctx, network, local, remote)
	if err != nil {
		return nil, err
	}
	return newUDPConn(c, d.Options), nil
}

// DialIP is [net.Dialer.DialIP].
func (d *Dialer) DialIP(ctx context.Context, network string, local, remote netip.Addr) (*IPConn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + remote.String())
	}
	c, err := d.Dialer.DialIP(ctx, network, local, remote)
	if err != nil {
		return nil, err
	}
	return newIPConn(c, d.Options), nil
}

// DialUnix is [net.Dialer.DialUnix].
func (d *Dialer) DialUnix(ctx context.Context, network string, local, remote *net.UnixAddr) (*UnixConn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + remote.String())
	}
	c, err := d.Dialer.DialUnix(ctx, network, local, remote)
	if err != nil {
		return nil, err
	}
	return newUnixConn(c, "", d.Options), nil
}

func errNoContext(doing string) error {
	return fmt.Errorf("resources: %s: the context is nil; pass context.Background() if there is none", doing)
}
