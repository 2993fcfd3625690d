package fdtable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// byFstat identifies without /proc.
func byFstat(fd int32) (Key, bool) {
	var st unix.Stat_t
	if fstat(int(fd), &st) != nil {
		return Key{}, false
	}
	return keyOf(fd, &st), true
}

// viaDevFD is the table a reader of /dev/fd should find: without link texts,
// with the descriptor that the other reader holds.
func viaDevFD(t *testing.T) Table {
	t.Helper()
	table := census(t)
	for i := range table {
		table[i].Anon = 0
	}
	held, ok := byFstat(int32(own.fd))
	require.True(t, ok)
	return append(table, held).sorted()
}

func TestDevFDAgreesWithProc(t *testing.T) {
	eventfd(t, 0)
	opened(t, os.DevNull, unix.O_RDONLY)
	want := viaDevFD(t)
	table, err := readDevFD("/dev/fd", make(Table, 3), byFstat)
	assert.NoError(t, err)
	assert.Equal(t, want, table, "its own descriptor is not in it")
}

func TestDevFDWithoutAFreeDescriptor(t *testing.T) {
	exhausted(t)
	want := viaDevFD(t)
	table, err := readDevFD("/dev/fd", nil, byFstat)
	assert.NoError(t, err)
	assert.Equal(t, want, table)
}

func TestDevFDMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fd")
	table, err := readDevFD(path, make(Table, 3), byFstat)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "reading "+path+": ")
	assert.ErrorContains(t, err, ": descriptors cannot be checked; mount /")
	assert.Empty(t, table)

	_, err = readDevFD(written(t, 0), nil, byFstat)
	assert.ErrorIs(t, err, unix.ENOTDIR)
}
