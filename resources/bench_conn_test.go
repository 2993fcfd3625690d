package resources_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/require"
)

// eachConn runs a benchmark with plain connections, tracked ones, and stand-ins
// while tracking is off.
func eachConn(b *testing.B, bench func(b *testing.B, wrap func(net.Conn) net.Conn)) {
	o := resources.WithTracker(leakcheck.NewTracker())
	wrap := func(c net.Conn) net.Conn {
		w, err := resources.WrapConn(c, o)
		if err != nil {
			b.Fatal(err)
		}
		return w
	}
	b.Run("plain", func(b *testing.B) { bench(b, func(c net.Conn) net.Conn { return c }) })
	b.Run("tracked", func(b *testing.B) { bench(b, wrap) })
	b.Run("off", func(b *testing.B) {
		resources.SetTracking(false)
		defer resources.SetTracking(true)
		bench(b, wrap)
	})
}

// A file of 64 MiB is sent over the loopback interface.
func BenchmarkSendFile(b *testing.B) {
	const size = 64 << 20
	path := filepath.Join(b.TempDir(), "f")
	require.NoError(b, os.WriteFile(path, make([]byte, size), 0o600))
	f, err := os.Open(path)
	require.NoError(b, err)
	defer f.Close()
	eachConn(b, func(b *testing.B, wrap func(net.Conn) net.Conn) {
		near, far := benchPair(b)
		c := wrap(near)
		defer c.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{far}, make([]byte, 256<<10))
		}()
		b.SetBytes(size)
		for b.Loop() {
			_, err := f.Seek(0, io.SeekStart)
			require.NoError(b, err)
			_, err = io.Copy(c, f)
			require.NoError(b, err)
		}
		require.NoError(b, c.Close())
		<-done
	})
}

func benchPair(b *testing.B) (near, far net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	far, err = net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	near, err = l.Accept()
	require.NoError(b, err)
	b.Cleanup(func() { _ = far.Close() })
	return near, far
}

// One byte is sent and comes back.
func BenchmarkRoundTripOfAByte(b *testing.B) {
	eachConn(b, func(b *testing.B, wrap func(net.Conn) net.Conn) {
		near, far := benchPair(b)
		c := wrap(near)
		defer c.Close()
		go func() { _, _ = io.CopyBuffer(struct{ io.Writer }{far}, struct{ io.Reader }{far}, make([]byte, 1)) }()
		buf := make([]byte, 1)
		for b.Loop() {
			_, err := c.Write(buf)
			require.NoError(b, err)
			_, err = c.Read(buf)
			require.NoError(b, err)
		}
	})
}

// An existing connection is wrapped and let go: what opening costs on top.
func BenchmarkWrapConn(b *testing.B) {
	inner := struct{ net.Conn }{nopConn{}}
	eachConn(b, func(b *testing.B, wrap func(net.Conn) net.Conn) {
		b.ReportAllocs()
		for b.Loop() {
			_ = wrap(inner).Close()
		}
	})
}

type nopConn struct{ net.Conn }

func (nopConn) Close() error         { return nil }
func (nopConn) LocalAddr() net.Addr  { return benchAddr }
func (nopConn) RemoteAddr() net.Addr { return benchAddr }

var benchAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}

// A request is answered on a connection that is kept alive.
func BenchmarkRequest(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	defer s.Close()
	for name, c := range map[string]*http.Client{
		"plain":   s.Client(),
		"tracked": resources.Client(s.Client(), resources.WithTracker(leakcheck.NewTracker())),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				resp, err := c.Get(s.URL)
				require.NoError(b, err)
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
}
