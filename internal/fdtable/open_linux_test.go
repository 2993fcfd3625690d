package fdtable

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestMain starts the poller and opens the reader's descriptor, so that no
// test sees them appear.
func TestMain(m *testing.M) {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	r.Close()
	w.Close()
	if _, err := NewReader().Read(nil); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// census reads the table.
func census(t *testing.T) Table {
	t.Helper()
	table, err := NewReader().Read(nil)
	require.NoError(t, err)
	return table
}

// keyIn returns the key of fd.
func keyIn(t *testing.T, table Table, fd int) Key {
	t.Helper()
	for _, k := range table {
		if int(k.FD) == fd {
			return k
		}
	}
	require.Failf(t, "not in the census", "fd %d in %+v", fd, table)
	return Key{}
}

// described takes a census and describes fd.
func described(t *testing.T, fd int) Description {
	t.Helper()
	table := census(t)
	return NewReader().Describe(keyIn(t, table, fd), table)
}

// closing closes fd when the test is over.
func closing(t *testing.T, fd int, err error) int {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, unix.Close(fd)) })
	return fd
}

// opened opens path until the test is over.
func opened(t *testing.T, path string, flags int) int {
	t.Helper()
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	return closing(t, fd, err)
}

func eventfd(t *testing.T, count uint) int {
	t.Helper()
	fd, err := unix.Eventfd(count, unix.EFD_CLOEXEC)
	return closing(t, fd, err)
}

func inotify(t *testing.T) int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	return closing(t, fd, err)
}

// pipe2 returns the ends of a pipe. The test closes them.
func pipe2(t *testing.T, flags int) (read, write int) {
	t.Helper()
	var fds [2]int
	require.NoError(t, unix.Pipe2(fds[:], flags|unix.O_CLOEXEC))
	return fds[0], fds[1]
}

// written makes a file with n bytes and returns its path as the kernel has it.
func written(t *testing.T, n int) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	path := filepath.Join(dir, "report.csv")
	require.NoError(t, os.WriteFile(path, make([]byte, n), 0o600))
	return path
}

// fdOf is the number under a file, connection or listener.
func fdOf(t *testing.T, c syscall.Conn) (number int) {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { number = int(fd) }))
	return number
}

// exhausted leaves the process without a free descriptor until the test is
// over or the returned function runs.
func exhausted(t *testing.T) (relax func()) {
	t.Helper()
	var before unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	table := census(t)
	low := before
	low.Cur = uint64(table[len(table)-1].FD) + 16
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
	var fds []int
	relax = func() {
		for _, fd := range fds {
			assert.NoError(t, unix.Close(fd))
		}
		fds = nil
		assert.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &before))
	}
	t.Cleanup(relax)
	for {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			require.ErrorIs(t, err, unix.EMFILE)
			return relax
		}
		fds = append(fds, fd)
	}
}
