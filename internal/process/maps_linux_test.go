package process

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const sampleMaps = `00400000-00d2a000 r-xp 00000000 fe:00 247026                             /usr/bin/x
00d2a000-01a0f000 r--p 0092a000 fe:00 247026                             /usr/bin/x
01a0f000-01a9c000 rw-p 0160f000 fe:00 247026                             /usr/bin/x
01a9c000-01b00000 rw-p 00000000 00:00 0 
02000000-02021000 rw-p 00000000 00:00 0                                  [heap]
c000000000-c000400000 rw-p 00000000 00:00 0                              [anon: Go: heap]
7f0000000000-7f0000001000 r--s 00000000 fe:00 9                          /tmp/a b
7f0000001000-7f0000003000 rw-s 00002000 103:1f 9                         /tmp/new\012line (deleted)
7f0000010000-7f0000011000 rw-s 00000000 00:01 1024                       /memfd:ring (deleted)
7f0000020000-7f0000021000 rw-s 00000000 00:01 32769                      /SYSV00000000 (deleted)
7f0000030000-7f0000031000 rw-s 00000000 00:01 1025                       /dev/zero (deleted)
7f0000040000-7f0000240000 rw-p 00000000 00:0f 1026                       /anon_hugepage (deleted)
7f0000300000-7f0000301000 rw-s 00000000 00:0e 12                         anon_inode:[perf_event]
7f0000400000-7f0000401000 r--p 00000000 fe:00 33                         /usr/lib/locale/C.utf8/LC_CTYPE
7f1000000000-7f1000028000 r--p 00000000 fe:00 500                        /usr/lib/libc.so.6
7f1000028000-7f10001bd000 r-xp 00028000 fe:00 500                        /usr/lib/libc.so.6
7f10001bd000-7f1000215000 r--p 001bd000 fe:00 500                        /usr/lib/libc.so.6
7f1000300000-7f1000302000 rw-p 00216000 fe:00 500                        /usr/lib/libc.so.6
7f2000000000-7f2000001000 r--p 00000000 fe:00 500                        /usr/lib/libc.so.6
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0                          [vdso]
`

func TestParseMaps(t *testing.T) {
	all, err := parseMaps(sampleMaps)
	require.NoError(t, err)
	fe := unix.Mkdev(0xfe, 0)
	assert.Equal(t, []Mapping{
		{0x7f0000000000, 0x7f0000001000, fe, 9, 0, "r--s", "/tmp/a b", false},
		{0x7f0000001000, 0x7f0000003000, unix.Mkdev(0x103, 0x1f), 9, 0x2000, "rw-s", "/tmp/new\nline", true},
		{0x7f0000010000, 0x7f0000011000, unix.Mkdev(0, 1), 1024, 0, "rw-s", "/memfd:ring", false},
		{0x7f0000020000, 0x7f0000021000, unix.Mkdev(0, 1), 32769, 0, "rw-s", "/SYSV00000000", false},
		{0x7f0000300000, 0x7f0000301000, unix.Mkdev(0, 0xe), 12, 0, "rw-s", "anon_inode:[perf_event]", false},
		// A library's file read as data, far from where it is loaded.
		{0x7f2000000000, 0x7f2000001000, fe, 500, 0, "r--p", "/usr/lib/libc.so.6", false},
	}, madeByUser(all))
}

func TestParseMapsRefusesWhatIsNotOne(t *testing.T) {
	for _, text := range []string{
		"\n", "x\n", "7f00-zz r--s 00000000 fe:00 9 /a\n", "7f00-7f01 r--s 00000000 fe 9 /a\n", "7f00-7f01 r--s 0 fe:00\n",
	} {
		_, err := parseMaps(text)
		assert.Error(t, err, "%q", text)
	}
}

func mappings(t *testing.T) []Mapping {
	t.Helper()
	ms, err := Mappings()
	require.NoError(t, err)
	return ms
}

// mapped maps the named file, shared, and unmaps it at the end of the test.
func mapped(t *testing.T, name string, size int) (data []byte, unmap func()) {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	done := false
	unmap = func() {
		if !done {
			done = true
			require.NoError(t, unix.Munmap(data))
		}
	}
	t.Cleanup(unmap)
	return data, unmap
}

func write(t *testing.T, name string, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
	return path
}

func TestAMappedFile(t *testing.T) {
	page := os.Getpagesize()
	path := write(t, "with space\nand newline", 3*page)
	before := mappings(t)
	data, unmap := mapped(t, path, 3*page)

	after := mappings(t)
	fresh := DiffMappings(before, after)
	require.Len(t, fresh, 1)
	var st unix.Stat_t
	require.NoError(t, unix.Stat(path, &st))
	m := fresh[0]
	assert.Equal(t, path, m.Path)
	assert.Equal(t, uint64(3*page), m.Size())
	assert.Equal(t, "r--s", m.Perms)
	assert.Equal(t, [2]uint64{uint64(st.Dev), st.Ino}, [2]uint64{m.Dev, m.Ino}, "the file as stat knows it")
	assert.False(t, m.Deleted)

	require.NoError(t, unix.Mprotect(data[page:2*page], unix.PROT_NONE))
	assert.Len(t, mappings(t), len(after)+2, "mprotect splits it in three")
	assert.Empty(t, DiffMappings(after, mappings(t)), "a split mapping is not new")
	assert.Len(t, DiffMappings(before, mappings(t)), 1, "three pieces are one leak")

	require.NoError(t, os.Remove(path))
	assert.Empty(t, DiffMappings(after, mappings(t)), "nor is one whose file was removed")
	assert.True(t, DiffMappings(before, mappings(t))[0].Deleted)

	unmap()
	assert.Empty(t, DiffMappings(before, mappings(t)))
}

func TestAMappedMemfd(t *testing.T) {
	before := mappings(t)
	fd, err := unix.MemfdCreate("ring", unix.MFD_CLOEXEC)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Ftruncate(fd, int64(os.Getpagesize())))
	data, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	require.NoError(t, err)
	defer func() { assert.NoError(t, unix.Munmap(data)) }()

	fresh := DiffMappings(before, mappings(t))
	require.Len(t, fresh, 1)
	assert.Equal(t, "/memfd:ring", fresh[0].Path)
}

func TestAnonymousMemoryIsNotAFile(t *testing.T) {
	before := mappings(t)
	for _, flags := range []int{unix.MAP_PRIVATE, unix.MAP_SHARED} {
		data, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ, flags|unix.MAP_ANON)
		require.NoError(t, err)
		defer func() { assert.NoError(t, unix.Munmap(data)) }()
	}
	assert.Empty(t, DiffMappings(before, mappings(t)))
}

func TestExecutablesAreNotCounted(t *testing.T) {
	assert.Empty(t, mappings(t), "nothing is mapped but the test binary and its libraries")

	self, err := os.Executable()
	require.NoError(t, err)
	_, unmap := mapped(t, self, os.Getpagesize())
	fresh := mappings(t)
	require.Len(t, fresh, 1, "the test binary read as data is a mapping like any other")
	assert.Equal(t, self, fresh[0].Path)
	unmap()
	assert.Empty(t, mappings(t))
}

func BenchmarkMappings(b *testing.B) {
	for b.Loop() {
		_, _ = Mappings()
	}
}
