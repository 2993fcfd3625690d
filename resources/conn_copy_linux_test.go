package resources_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copied is what each copy moves: more than the 32 KiB buffer that io.Copy
// allocates when the system does not copy by itself, and little enough to wait
// in the buffers of sockets.
var copied = bytes.Repeat([]byte("0123456789abcdef"), 3<<10)

// tcpPair returns both ends of a connection, the first of them tracked if so
// wanted.
func tcpPair(t *testing.T, network, address string, track bool) (near, far net.Conn) {
	t.Helper()
	l := plainListener(t, network, address)
	far, err := net.Dial(network, l.Addr().String())
	require.NoError(t, err)
	near = acceptOne(t, l)
	if track {
		near, err = resources.WrapConn(near, resources.WithTracker(leakcheck.NewTracker()))
		require.NoError(t, err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// sources are where a copy may come from. Each has what is copied, and no more.
var sources = map[string]func(*testing.T) io.Reader{
	"plain TCP":    func(t *testing.T) io.Reader { return filled(t, "tcp", false) },
	"TCP":          func(t *testing.T) io.Reader { return filled(t, "tcp", true) },
	"limited TCP":  func(t *testing.T) io.Reader { return io.LimitReader(filled(t, "tcp", true), 1<<30) },
	"Unix":         func(t *testing.T) io.Reader { return filled(t, "unix", true) },
	"limited Unix": func(t *testing.T) io.Reader { return io.LimitReader(filled(t, "unix", true), 1<<30) },
	"file":         func(t *testing.T) io.Reader { return filledFile(t) },
	"limited file": func(t *testing.T) io.Reader { return io.LimitReader(filledFile(t), 1<<30) },
	"embedded file": func(t *testing.T) io.Reader {
		return struct{ *os.File }{filledFile(t)}
	},
}

func filled(t *testing.T, network string, track bool) net.Conn {
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s")
	}
	near, far := tcpPair(t, network, address, track)
	_, err := far.Write(copied)
	require.NoError(t, err)
	require.NoError(t, far.Close())
	return near
}

func filledFile(t *testing.T) *os.File {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(path, copied, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// allocated returns how many bytes a copy allocates: the least of some, since
// others allocate too.
func allocated(t *testing.T, from func(*testing.T) io.Reader, to func(*testing.T) (io.Writer, func() []byte)) uint64 {
	least := ^uint64(0)
	for range 5 {
		src := from(t)
		dst, received := to(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := io.Copy(dst, src)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.EqualValues(t, len(copied), n)
		require.Equal(t, copied, received())
		if l, ok := src.(*io.LimitedReader); ok {
			require.EqualValues(t, 1<<30-len(copied), l.N)
		}
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// toConn is the end of a connection, and what arrives at the other end.
func toConn(network string, track bool) func(t *testing.T) (io.Writer, func() []byte) {
	return func(t *testing.T) (io.Writer, func() []byte) {
		address := "127.0.0.1:0"
		if network == "unix" {
			address = filepath.Join(t.TempDir(), "s")
		}
		near, far := tcpPair(t, network, address, track)
		return near, func() []byte {
			got := make([]byte, len(copied))
			_, err := io.ReadFull(far, got)
			require.NoError(t, err)
			return got
		}
	}
}

func toFile(t *testing.T) (io.Writer, func() []byte) {
	f, err := os.Create(filepath.Join(t.TempDir(), "to"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f, func() []byte {
		got, err := os.ReadFile(f.Name())
		require.NoError(t, err)
		return got
	}
}

const userBuffer = 32 << 10 // of io.Copy

// Without a buffer in the process, the system has copied: with sendfile(2) or
// splice(2).
func TestTheSystemCopies(t *testing.T) {
	for _, tt := range []struct {
		to   string
		dst  func(t *testing.T) (io.Writer, func() []byte)
		from []string
	}{
		{"TCP", toConn("tcp", true), []string{
			"plain TCP", "TCP", "limited TCP", "Unix", "limited Unix", "file", "limited file", "embedded file",
		}},
		{"plain TCP", toConn("tcp", false), []string{"TCP"}},
		{"Unix", toConn("unix", true), []string{"TCP", "file", "embedded file"}},
		{"file", toFile, []string{"TCP", "Unix"}},
	} {
		for _, from := range tt.from {
			t.Run(from+" to "+tt.to, func(t *testing.T) {
				assert.Less(t, allocated(t, sources[from], tt.dst), uint64(userBuffer))
			})
		}
	}
}

// The measure of TestTheSystemCopies tells the difference.
func TestACopyThatTheSystemDoesNotMake(t *testing.T) {
	hidden := func(t *testing.T) (io.Writer, func() []byte) {
		w, received := toConn("tcp", true)(t)
		return struct{ io.Writer }{w}, received
	}
	opaque := func(t *testing.T) io.Reader { return struct{ io.Reader }{filledFile(t)} }
	assert.GreaterOrEqual(t, allocated(t, opaque, hidden), uint64(userBuffer))
	assert.GreaterOrEqual(t, allocated(t, opaque, toConn("tcp", true)), uint64(userBuffer))
}

// Sources that package net does not know as such are copied by other means.
func TestCopyToAPlainConnection(t *testing.T) {
	for _, from := range []string{"limited TCP", "Unix", "limited Unix"} {
		allocated(t, sources[from], toConn("tcp", false))
	}
}
