//go:build unix

package leakcheck

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestMemoryThatIsNotGosLeavesByUntrackOnly(t *testing.T) {
	mapping, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	require.NoError(t, err)
	defer func() { assert.NoError(t, unix.Munmap(mapping)) }()

	tr := NewTracker()
	require.NoError(t, tr.Track(&mapping[0], "scratch", "mapping"))
	runtime.GC()
	assert.Equal(t, []string{"scratch"}, names(tr.Live()))
	tr.Untrack(&mapping[0])
	assert.Empty(t, tr.Live())
}
