package resources_test

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// defer f.Close() may stand before the error check.
func TestClosingNothing(t *testing.T) {
	assert.ErrorIs(t, (*resources.File)(nil).Close(), os.ErrInvalid)
	assert.ErrorIs(t, new(resources.File).Close(), os.ErrInvalid)
	assert.ErrorIs(t, (*resources.Root)(nil).Close(), os.ErrInvalid)
	assert.ErrorIs(t, new(resources.Root).Close(), os.ErrInvalid)
	assert.ErrorIs(t, (*resources.TCPListener)(nil).Close(), syscall.EINVAL)
	assert.ErrorIs(t, (*resources.UnixListener)(nil).Close(), syscall.EINVAL)
}

func TestReadingFromNothing(t *testing.T) {
	f, err := resources.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.ReadFrom((*resources.File)(nil))
	assert.ErrorIs(t, err, os.ErrInvalid)
}

type rawless struct{ net.Conn }

func (rawless) SyscallConn() (syscall.RawConn, error) { return nil, nil }

func TestAConnectionThatHasNoDescriptorToTell(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	tr := leakcheck.NewTracker()
	c, err := resources.WrapConn(rawless{a}, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Equal(t, 1, tr.Len())
	assert.NoError(t, c.Close())
	assert.Zero(t, tr.Len())
}
