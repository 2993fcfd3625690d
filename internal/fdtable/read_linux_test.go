package fdtable

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// listed is what another way to list the descriptors finds, its own and the
// reader's left out.
func listed(t *testing.T) (numbers []int32) {
	t.Helper()
	dir, err := os.Open("/proc/self/fd")
	require.NoError(t, err)
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	require.NoError(t, err)
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		require.NoError(t, err)
		if fd != int(dir.Fd()) && fd != own.fd {
			numbers = append(numbers, int32(fd))
		}
	}
	return numbers
}

func TestReadIsExact(t *testing.T) {
	for _, n := range []int{0, 1, 50, 3000} { // 3,000 entries take several getdents64
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			for range n {
				opened(t, os.DevNull, unix.O_RDONLY)
			}
			var numbers []int32
			for _, k := range census(t) {
				numbers = append(numbers, k.FD)
			}
			assert.Equal(t, listed(t), numbers)
			count, err := NewReader().Count()
			assert.NoError(t, err)
			assert.Equal(t, len(numbers), count)
		})
	}
}

func TestReadIdentifies(t *testing.T) {
	fd := opened(t, written(t, 0), unix.O_RDONLY)
	var st unix.Stat_t
	require.NoError(t, unix.Fstat(fd, &st))
	assert.Equal(t, Key{FD: int32(fd), Type: unix.S_IFREG, Dev: uint64(st.Dev), Ino: st.Ino}, keyIn(t, census(t), fd))

	number, other := eventfd(t, 0), inotify(t)
	table := census(t)
	event, watch := keyIn(t, table, number), keyIn(t, table, other)
	assert.Zero(t, event.Type)
	assert.NotZero(t, event.Anon)
	assert.NotEqual(t, event.Anon, watch.Anon, "an eventfd and an inotify share one inode")
}

func TestReadUsesTheBuffer(t *testing.T) {
	buf := make(Table, 5, 4096)
	table, err := NewReader().Read(buf)
	require.NoError(t, err)
	assert.Same(t, &buf[0], &table[0])
	assert.Equal(t, census(t), table)
}

func TestReadDoesNotAllocate(t *testing.T) {
	eventfd(t, 0)
	reader, table := NewReader(), make(Table, 0, 4096)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		var err error
		if table, err = reader.Read(table); err != nil {
			t.Error(err)
		}
	}))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := reader.Count(); err != nil {
			t.Error(err)
		}
	}))
}

// replace makes fd refer to what by refers to, as closing one and opening the
// other would.
func replace(t *testing.T, fd, by int) {
	t.Helper()
	require.NoError(t, unix.Dup3(by, fd, unix.O_CLOEXEC))
}

func TestReuseOfANumberIsSeen(t *testing.T) {
	tests := map[string]struct{ old, new func(t *testing.T) int }{
		"another file": {
			func(t *testing.T) int { return opened(t, written(t, 0), unix.O_RDONLY) },
			func(t *testing.T) int { return opened(t, written(t, 0), unix.O_RDONLY) },
		},
		"an inotify after an eventfd": {
			func(t *testing.T) int { return eventfd(t, 0) },
			inotify,
		},
		"a directory after an inotify": {
			inotify,
			func(t *testing.T) int { return opened(t, t.TempDir(), unix.O_RDONLY) },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			old, by := tt.old(t), tt.new(t)
			before := census(t)
			replace(t, old, by)
			after := census(t)
			came, went := Diff(before, after)
			assert.Equal(t, Table{keyIn(t, after, old)}, came)
			assert.Equal(t, Table{keyIn(t, before, old)}, went)
		})
	}
}

// churn opens and closes descriptors until stop is closed.
func churn(t *testing.T, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		var fds [2]int
		if !assert.NoError(t, unix.Pipe2(fds[:], unix.O_CLOEXEC)) {
			return
		}
		event, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
		assert.NoError(t, err)
		unix.Close(fds[0])
		unix.Close(event)
		unix.Close(fds[1])
	}
}

// describeAll describes what may be gone already.
func describeAll(t *testing.T, table Table) {
	for _, k := range table {
		d := NewReader().Describe(k, table)
		assert.NotEmpty(t, d.Kind, "%+v", k)
		assert.NotEmpty(t, d.Name, "%+v", k)
	}
}

func TestReadWhileDescriptorsComeAndGo(t *testing.T) {
	for range 10 { // some below, some among and some above what comes and goes
		eventfd(t, 0)
		opened(t, os.DevNull, unix.O_RDONLY)
	}
	before := census(t)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { churn(t, stop) })
	}
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			var table Table
			for round := range 500 {
				var err error
				table, err = NewReader().Read(table)
				assert.NoError(t, err)
				_, missing := Diff(before, table)
				if !assert.Empty(t, missing, "open all the time") {
					return
				}
				if round%50 == 0 {
					describeAll(t, table)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	wg.Wait()
	came, went := Diff(before, census(t))
	assert.Empty(t, came)
	assert.Empty(t, went)
}

func TestTheReadersDescriptorIsClosedOnExec(t *testing.T) {
	census(t)
	flags, err := unix.FcntlInt(uintptr(own.fd), unix.F_GETFD, 0)
	require.NoError(t, err)
	assert.NotZero(t, flags&unix.FD_CLOEXEC)
}

func TestReadersShareOneDescriptor(t *testing.T) {
	before := listed(t)
	for range 3 {
		census(t)
	}
	assert.Equal(t, before, listed(t))
}

func TestReadAfterTheProgramClosedTheReadersDescriptor(t *testing.T) {
	before := census(t)
	require.NoError(t, unix.Close(own.fd))
	assert.Equal(t, before, census(t))

	require.NoError(t, unix.Close(own.fd))
	count, err := NewReader().Count()
	assert.NoError(t, err)
	assert.Equal(t, len(before), count)
}

func TestReadAfterTheProgramReusedTheReadersDescriptor(t *testing.T) {
	before := census(t)
	file := opened(t, written(t, 100), unix.O_RDONLY)
	_, err := unix.Seek(file, 40, io.SeekStart)
	require.NoError(t, err)
	stolen := own.fd
	replace(t, stolen, file)
	t.Cleanup(func() { assert.NoError(t, unix.Close(stolen)) })

	after := census(t)
	came, went := Diff(before, after)
	assert.Len(t, came, 2, "the file, on two numbers: %+v", came)
	assert.Empty(t, went)
	k := keyIn(t, after, stolen)
	k.FD = int32(file)
	assert.Equal(t, keyIn(t, after, file), k, "the program's descriptor must not be closed")
	offset, err := unix.Seek(file, 0, io.SeekCurrent)
	assert.NoError(t, err)
	assert.EqualValues(t, 40, offset, "nor be read")
	assert.NotEqual(t, stolen, own.fd)
}

func TestReadWithoutAFreeDescriptor(t *testing.T) {
	event := eventfd(t, 0)
	relax := exhausted(t)
	full := census(t)
	assert.Greater(t, len(full), 10)
	keyIn(t, full, event)
	count, err := NewReader().Count()
	assert.NoError(t, err)
	assert.Equal(t, len(full), count)
	relax()
	assert.Less(t, len(census(t)), len(full))
}

func TestReadWithoutAnyDescriptor(t *testing.T) {
	relax := exhausted(t)
	n := len(census(t))
	stolen := own.fd
	file := int(census(t)[0].FD)
	replace(t, stolen, file)

	table, err := NewReader().Read(make(Table, 3))
	assert.ErrorIs(t, err, unix.EMFILE)
	assert.EqualError(t, err, "reading /proc/self/fd: too many open files: "+
		"descriptors cannot be checked; close some or raise the limit (ulimit -n)")
	assert.Empty(t, table)
	count, err := NewReader().Count()
	assert.NoError(t, err)
	assert.Equal(t, n+1, count)

	require.NoError(t, unix.Close(stolen))
	assert.Len(t, census(t), n, "the next census recovers")
	relax()
}

func TestReadWithoutProc(t *testing.T) {
	file := written(t, 0)
	missing := filepath.Join(t.TempDir(), "fd")
	for path, cause := range map[string]string{
		missing: "no such file or directory",
		file:    "not a directory",
	} {
		reader := &Reader{dir: &reserve{path: path}}
		want := "reading " + path + ": " + cause + ": descriptors cannot be checked; mount /proc"
		table, err := reader.Read(make(Table, 3))
		assert.EqualError(t, err, want)
		assert.Empty(t, table)
		count, err := reader.Count()
		assert.EqualError(t, err, want)
		assert.Zero(t, count)
		fd := opened(t, os.DevNull, unix.O_RDONLY)
		d := reader.Describe(keyIn(t, census(t), fd), nil)
		assert.Equal(t, "device", d.Kind)
		assert.NotEmpty(t, d.Name)
		assert.Equal(t, "read-only", d.Detail)
	}
}

func TestCountWithoutASize(t *testing.T) {
	want := census(t)
	own.mu.Lock()
	defer own.mu.Unlock()
	_, err := own.claim()
	require.NoError(t, err)
	n, err := NewReader().counted(0) // Linux before 6.2
	assert.NoError(t, err)
	assert.Equal(t, len(want), n)
}

func TestListingWhatIsNoDirectory(t *testing.T) {
	file := opened(t, written(t, 0), unix.O_RDONLY)
	reader := &Reader{dir: &reserve{path: "/x", held: true, fd: file}}
	_, err := reader.counted(0)
	assert.EqualError(t, err, "listing /x: not a directory: descriptors cannot be checked; mount /proc")
}

func FuzzParse(f *testing.F) {
	dot := append(make([]byte, 16), 24, 0, 4, '.', 0, 0, 0, 0)
	nine := append(make([]byte, 16), 24, 0, 10, '9', 0, 0, 0, 0)
	f.Add(append(dot, nine...))
	f.Add(nine[:20])
	f.Add([]byte{})
	f.Add(append(make([]byte, 16), 0, 0, 10, '9', 0))
	f.Fuzz(func(t *testing.T, entries []byte) {
		r := &reserve{fd: -1}
		seen := 0
		err := r.parse(entries, func(fd int32, name []byte) {
			seen++
			assert.Contains(t, string(name), "\x00")
		})
		assert.LessOrEqual(t, seen, len(entries)/(direntName+1))
		if err != nil {
			assert.ErrorIs(t, err, errDirent)
		}
	})
}

func TestParse(t *testing.T) {
	entry := func(name string) []byte {
		b := make([]byte, 32)
		binary.NativeEndian.PutUint16(b[direntReclen:], 32)
		copy(b[direntName:], name)
		return b
	}
	r := &reserve{fd: 7}
	var seen []int32
	var entries []byte
	for _, name := range []string{".", "..", "0", "7", "12", "2147483647"} {
		entries = append(entries, entry(name)...)
	}
	require.NoError(t, r.parse(entries, func(fd int32, _ []byte) { seen = append(seen, fd) }))
	assert.Equal(t, []int32{0, 12, 2147483647}, seen)
	assert.ErrorIs(t, r.parse(entries[:40], func(int32, []byte) {}), errDirent)
}
