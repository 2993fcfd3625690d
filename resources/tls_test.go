package resources_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tlsConfigs are those of a server at example.com and of a client that trusts
// it.
func tlsConfigs() (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: roots, ServerName: "example.com"}
}

// echoTLS answers on l until it is closed.
func echoTLS(t *testing.T, l net.Listener) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
}

func TestDialTLS(t *testing.T) {
	tr := leakcheck.NewTracker()
	server, client := tlsConfigs()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	require.NoError(t, err)
	echoTLS(t, l)

	c, err := resources.DialTLS("tcp", l.Addr().String(), client, resources.WithTracker(tr))
	require.NoError(t, err)
	got := liveOne(t, tr)
	assert.Equal(t, "tls", got.Kind)
	assert.Equal(t, c.LocalAddr().String()+" -> "+l.Addr().String(), got.Name)
	assert.True(t, c.ConnectionState().HandshakeComplete)
	_, err = io.WriteString(c, "ping")
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	text, err := io.ReadAll(c)
	require.NoError(t, err)
	assert.Equal(t, "ping", string(text))
	assert.Equal(t, 1, tr.Len(), "half of it is open")
	assert.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestDialTLSFails(t *testing.T) {
	tr := leakcheck.NewTracker()
	server, _ := tlsConfigs()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	require.NoError(t, err)
	echoTLS(t, l)

	_, err = resources.DialTLS("tcp", l.Addr().String(), nil, resources.WithTracker(tr))
	var unknown x509.UnknownAuthorityError
	assert.ErrorAs(t, err, &unknown)
	assert.Zero(t, tr.Len())

	var none context.Context
	_, err = resources.DialTLSContext(none, "tcp", "127.0.0.1:1", nil)
	assert.ErrorContains(t, err, "resources: dialing tcp 127.0.0.1:1 with TLS: the context is nil")
	silent := plainListener(t, "tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if c, err := silent.Accept(); err == nil {
			defer c.Close()
			_, _ = c.Read(make([]byte, 1)) // the handshake has begun
			cancel()
		}
	}()
	_, err = resources.DialTLSContext(ctx, "tcp", silent.Addr().String(), nil, resources.WithTracker(tr))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, tr.Len())

	require.NoError(t, silent.Close())
	_, err = resources.DialTLS("tcp", silent.Addr().String(), nil, resources.WithTracker(tr))
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.Zero(t, tr.Len())
}

func TestTheServerNameIsThatOfTheAddress(t *testing.T) {
	server, client := tlsConfigs()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	require.NoError(t, err)
	echoTLS(t, l)
	client.ServerName = ""
	c, err := resources.DialTLS("tcp", l.Addr().String(), client, resources.WithTracker(leakcheck.NewTracker()))
	require.NoError(t, err, "the certificate is for 127.0.0.1 too")
	assert.NoError(t, c.Close())
	assert.Empty(t, client.ServerName, "the caller's config stays as it is")
}

func TestTLSOverATrackedConnectionIsOneEntry(t *testing.T) {
	tr := leakcheck.NewTracker()
	server, client := tlsConfigs()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	require.NoError(t, err)
	echoTLS(t, l)

	below, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
	require.NoError(t, err)
	c := tls.Client(below, client)
	require.NoError(t, c.Handshake())
	wrapped, err := resources.WrapConn(c, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Same(t, c, wrapped)
	assert.Equal(t, "tcp", liveOne(t, tr).Kind)
	assert.NoError(t, wrapped.Close())
	assert.Zero(t, tr.Len())
}

func TestWrapConnOfTLS(t *testing.T) {
	tr := leakcheck.NewTracker()
	server, client := tlsConfigs()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	require.NoError(t, err)
	echoTLS(t, l)
	plain, err := tls.Dial("tcp", l.Addr().String(), client)
	require.NoError(t, err)
	c, err := resources.WrapConn(plain, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Equal(t, "tls", liveOne(t, tr).Kind)
	assert.True(t, c.(*resources.TLSConn).ConnectionState().HandshakeComplete)
	assert.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}

func TestListenTLS(t *testing.T) {
	server, client := tlsConfigs()
	for name, listen := range map[string]func(resources.Option) (net.Listener, error){
		"ListenTLS": func(o resources.Option) (net.Listener, error) {
			return resources.ListenTLS("tcp", "127.0.0.1:0", server, o)
		},
		"wrapped": func(o resources.Option) (net.Listener, error) {
			l, err := tls.Listen("tcp", "127.0.0.1:0", server)
			require.NoError(t, err)
			return resources.WrapListener(l, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			l, err := listen(resources.WithTracker(tr))
			require.NoError(t, err)
			assert.Equal(t, "listener", liveOne(t, tr).Kind)
			dialed := make(chan error, 1)
			go func() {
				c, err := tls.Dial("tcp", l.Addr().String(), client)
				if err == nil {
					defer c.Close()
				}
				dialed <- err
			}()
			c := acceptOne(t, l)
			require.NoError(t, c.(*tls.Conn).Handshake())
			require.NoError(t, <-dialed)
			live := tr.Live()
			require.Len(t, live, 2)
			assert.Equal(t, "tls", live[1].Kind)
			openedHere(t, live[1])
			_ = c.Close() // the client may have gone
			assert.NoError(t, l.Close())
			assert.Zero(t, tr.Len())
		})
	}
}

func TestListenTLSFails(t *testing.T) {
	tr := leakcheck.NewTracker()
	_, err := resources.ListenTLS("tcp", "127.0.0.1:0", new(tls.Config), resources.WithTracker(tr))
	assert.ErrorContains(t, err, "resources: listening on tcp 127.0.0.1:0 with TLS: there is no certificate; set ")
	server, _ := tlsConfigs()
	used := plainListener(t, "tcp", "127.0.0.1:0")
	_, err = resources.ListenTLS("tcp", used.Addr().String(), server, resources.WithTracker(tr))
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	assert.Zero(t, tr.Len())
}
