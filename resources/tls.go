package resources

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"reflect"
	"strings"
	"syscall"
)

// DialTLS is [tls.Dial], with the connection below tracked, as of kind tls,
// until the returned one is closed. That is a plain [*tls.Conn], since net/http
// and others ask for exactly this type.
func DialTLS(network, address string, config *tls.Config, opts ...Option) (*tls.Conn, error) {
	return DialTLSContext(context.Background(), network, address, config, opts...)
}

// DialTLSContext is [DialTLS] with a context for connecting and for the
// handshake; the connection outlives it.
func DialTLSContext(ctx context.Context, network, address string, config *tls.Config, opts ...Option) (*tls.Conn, error) {
	if ctx == nil {
		return nil, errNoContext("dialing " + network + " " + address + " with TLS")
	}
	var d net.Dialer
	plain, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	below := standInFor(plain, "tls", opts)
	c := tls.Client(below, withServerName(config, address))
	if err := c.HandshakeContext(ctx); err != nil {
		_ = below.Close()
		return nil, err
	}
	return c, nil
}

// withServerName adds the name to verify as tls.Dial does.
func withServerName(config *tls.Config, address string) *tls.Config {
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName != "" {
		return config
	}
	host := address
	if colon := strings.LastIndex(address, ":"); colon >= 0 {
		host = address[:colon]
	}
	config = config.Clone()
	config.ServerName = host
	return config
}

// ListenTLS is [tls.Listen], with the listener and the connections below those
// that it accepts tracked, as by [Listen] but of kind tls. Accept returns a
// plain [*tls.Conn].
func ListenTLS(network, address string, config *tls.Config, opts ...Option) (net.Listener, error) {
	if config == nil || len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		return nil, fmt.Errorf("resources: listening on %s %s with TLS: there is no certificate; set Certificates, GetCertificate or GetConfigForClient of the config", network, address)
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(listenerFor(l, "tls", opts), config), nil
}

// A TLSConn is a tracked [tls.Conn], with all of its methods. [WrapConn]
// returns it for a connection that was made on an untracked one.
type TLSConn struct {
	*tls.Conn
	handle
}

func newTLSConn(c *tls.Conn, opts []Option) *TLSConn {
	s := &TLSConn{Conn: c}
	sys, _ := c.NetConn().(syscall.Conn)
	s.track(s, c, sys, "tls", opts)
	return s
}

// Close closes the connection, which is no longer tracked then, whatever the
// error.
func (c *TLSConn) Close() error {
	err := c.Conn.Close()
	c.close(c, err)
	return err
}

func (c *TLSConn) forget() { c.close(c, nil) }

func isTLS(c net.Conn) bool {
	_, ok := c.(*tls.Conn)
	return ok
}

// A tlsListener is what [tls.NewListener] returned, and the listener that it
// got. Its type embeds that one, exported, beside a configuration that nobody
// else can read.
type tlsListener struct {
	inner net.Listener
	outer reflect.Value // the struct
	field []int         // of inner
}

// openTLSListener takes l apart. It is not ok if l is something else.
func openTLSListener(l net.Listener) (t tlsListener, ok bool) {
	p := reflect.ValueOf(l)
	if p.Kind() != reflect.Pointer || p.Type() != tlsListenerType {
		return t, false
	}
	f, ok := p.Type().Elem().FieldByName("Listener")
	if !ok || f.Type != reflect.TypeFor[net.Listener]() {
		return t, false
	}
	inner, _ := p.Elem().FieldByIndex(f.Index).Interface().(net.Listener)
	return tlsListener{inner, p.Elem(), f.Index}, !missing(inner)
}

var tlsListenerType = reflect.TypeOf(tls.NewListener(nil, nil))

// over returns a listener like t on top of inner. t itself stays as it is.
func (t tlsListener) over(inner net.Listener) net.Listener {
	l := reflect.New(t.outer.Type())
	l.Elem().Set(t.outer)
	l.Elem().FieldByIndex(t.field).Set(reflect.ValueOf(inner))
	return l.Interface().(net.Listener)
}
