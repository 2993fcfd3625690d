//go:build unix

package resources_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const mapPage = 1 << 16 // a multiple of every page size

// fileToMap returns a file of two pages, of a and of b.
func fileToMap(t *testing.T) *os.File {
	t.Helper()
	content := make([]byte, 2*mapPage)
	for i := range content {
		content[i] = "ab"[i/mapPage]
	}
	path := filepath.Join(t.TempDir(), "table.bin")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestAMappingIsTrackedUntilClose(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr))
	require.NoError(t, err)
	live := tr.Live()
	require.Len(t, live, 1)
	assert.Equal(t, "mapping", live[0].Kind)
	assert.Equal(t, f.Name(), live[0].Name)
	assertOpenedHere(t, live[0], "mmap_test.go")
	assert.Equal(t, 1, tr.Report().ByKind["mapping"])

	assert.NoError(t, m.Close())
	assert.Zero(t, tr.Len())
	assert.Nil(t, m.Bytes())
}

func TestAMappingStaysWhenItsFileIsClosed(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, mapPage, 100, unix.PROT_READ, unix.MAP_SHARED, resources.WithTracker(tr), resources.WithName("table"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Equal(t, 1, tr.Len())
	assert.Equal(t, "table", tr.Live()[0].Name)
	assert.Len(t, m.Bytes(), 100)
	assert.Equal(t, byte('b'), m.Bytes()[99], "it begins at the offset")
	assert.NoError(t, m.Close())
	assert.Zero(t, tr.Len())
}

func TestSyncWritesTheMappingToTheFile(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED, resources.WithTracker(tr))
	require.NoError(t, err)
	copy(m.Bytes(), "changed")
	require.NoError(t, m.Sync())
	content, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	assert.Equal(t, "changed", string(content[:7]))
	require.NoError(t, m.Close())

	err = m.Sync()
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.ErrorContains(t, err, "resources: writing the mapping of "+f.Name()+" to the file: invalid argument; it is closed already")
}

func TestASecondCloseLeavesTheNextMappingAlone(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	first, err := resources.Map(f, 0, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr))
	require.NoError(t, err)
	require.NoError(t, first.Close())
	second, err := resources.Map(f, mapPage, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr)) // at the same address, mostly
	require.NoError(t, err)

	err = first.Close()
	assert.ErrorIs(t, err, unix.EINVAL, "as unix.Munmap returns")
	assert.ErrorContains(t, err, "resources: unmapping "+f.Name())
	assert.Equal(t, 1, tr.Len())
	assert.Equal(t, byte('b'), second.Bytes()[0])
	assert.NoError(t, second.Close())
	assert.Zero(t, tr.Len())
}

func TestAMappingWhoseCloseFailsIsNotTracked(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr))
	require.NoError(t, err)
	require.NoError(t, unix.Munmap(m.Bytes()), "behind its back")
	err = m.Close()
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.EqualError(t, err, "resources: unmapping "+f.Name()+": invalid argument")
	assert.Zero(t, tr.Len())
}

// A namelessFile file has no descriptor to give.
type namelessFile struct{ err error }

func (namelessFile) Name() string                            { return "namelessFile" }
func (n namelessFile) SyscallConn() (syscall.RawConn, error) { return nil, n.err }

func TestWhatCannotBeMappedIsNotTracked(t *testing.T) {
	f := fileToMap(t)
	readOnly, err := os.Open(f.Name())
	require.NoError(t, err)
	defer readOnly.Close()
	closed, err := os.Open(f.Name())
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	dir, err := os.Open(filepath.Dir(f.Name()))
	require.NoError(t, err)
	defer dir.Close()
	refused := errors.New("refused")

	for name, test := range map[string]struct {
		file         resources.Mappable
		offset       int64
		length, prot int
		is           error
		says         string
	}{
		"nil":          {nil, 0, 1, unix.PROT_READ, nil, "resources: mapping 1 bytes from offset 0: the file is nil; pass one that is open"},
		"nil pointer":  {(*os.File)(nil), 0, 1, unix.PROT_READ, nil, "the file is nil; pass one that is open"},
		"not a file":   {namelessFile{refused}, 0, 1, unix.PROT_READ, refused, "the file has no descriptor: refused; pass one that is open"},
		"empty file":   {struct{ *os.File }{}, 0, 1, unix.PROT_READ, fs.ErrInvalid, "the file has no descriptor"},
		"closed":       {closed, 0, 1, unix.PROT_READ, nil, "resources: mapping 1 bytes of " + f.Name() + " from offset 0: use of closed file"},
		"no length":    {f, 0, 0, unix.PROT_READ, unix.EINVAL, "the length must be positive"},
		"negative":     {f, 0, -1, unix.PROT_READ, unix.EINVAL, "resources: mapping -1 bytes of"},
		"odd offset":   {f, 1, 1, unix.PROT_READ, unix.EINVAL, "the offset a multiple of"},
		"not writable": {readOnly, 0, 1, unix.PROT_WRITE, fs.ErrPermission, "open the file for reading, and for writing too"},
		"a directory":  {dir, 0, 1, unix.PROT_READ, unix.ENODEV, "only regular files"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			m, err := resources.Map(test.file, test.offset, test.length, test.prot, unix.MAP_SHARED, resources.WithTracker(tr))
			assert.Nil(t, m)
			assert.ErrorContains(t, err, test.says)
			if test.is != nil {
				assert.ErrorIs(t, err, test.is)
			}
			assert.Zero(t, tr.Len())
		})
	}
}

// dropMapping maps a page and keeps only the memory.
//
//go:noinline
func dropMapping(t *testing.T, f *os.File, tr *leakcheck.Tracker) []byte {
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr))
	require.NoError(t, err)
	return m.Bytes()
}

func TestADroppedMappingIsLostAndStaysMapped(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	lost := lostProcesses(tr)
	memory := dropMapping(t, f, tr)
	collectUntil(t, func() bool { return len(lost()) > 0 }, "the dropped mapping")
	assert.Equal(t, []string{f.Name()}, lost())
	assert.Zero(t, tr.Len())
	assert.Equal(t, byte('a'), memory[0])
	assert.NoError(t, unix.Munmap(memory))
}

func TestMapWithTrackingSwitchedOff(t *testing.T) {
	defer resources.SetTracking(true)
	resources.SetTracking(false)
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ, unix.MAP_PRIVATE, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Zero(t, tr.Len())
	assert.NoError(t, m.Close())
}

func TestAMappingIsClosedOnceByMany(t *testing.T) {
	f, tr := fileToMap(t), leakcheck.NewTracker()
	m, err := resources.Map(f, 0, mapPage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED, resources.WithTracker(tr))
	require.NoError(t, err)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_ = m.Bytes()
			_ = m.Sync()
			errs[i] = m.Close()
		})
	}
	all.Wait()
	closed := 0
	for _, err := range errs {
		if err == nil {
			closed++
		} else {
			assert.ErrorIs(t, err, unix.EINVAL)
		}
	}
	assert.Equal(t, 1, closed)
	assert.Zero(t, tr.Len())
}
