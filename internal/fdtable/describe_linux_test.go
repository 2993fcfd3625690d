package fdtable

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestDescribeFileByMode(t *testing.T) {
	for flags, detail := range map[int]string{
		unix.O_RDONLY:                 "read-only",
		unix.O_WRONLY:                 "write-only",
		unix.O_RDWR:                   "read-write",
		unix.O_WRONLY | unix.O_APPEND: "write-only, append",
		unix.O_RDWR | unix.O_APPEND:   "read-write, append",
		unix.O_PATH:                   "path only (O_PATH)",
	} {
		path := written(t, 5000)
		want := Description{Kind: "file", Name: path, Path: path, Detail: detail, PeerFD: -1}
		assert.Equal(t, want, described(t, opened(t, path, flags)))
	}
}

func TestDescribeFileOffset(t *testing.T) {
	fd := opened(t, written(t, 5000), unix.O_RDWR)
	for n, words := range map[int]string{1: "1 byte in", 4096: "4096 bytes in"} {
		_, err := unix.Seek(fd, int64(n), 0)
		require.NoError(t, err)
		assert.Equal(t, "read-write, "+words, described(t, fd).Detail)
	}
}

func TestDescribeDeleted(t *testing.T) {
	path := written(t, 10)
	fd := opened(t, path, unix.O_RDONLY)
	require.NoError(t, os.Remove(path))
	assert.Equal(t, Description{Kind: "file", Name: path, Path: path, Detail: "read-only, deleted", PeerFD: -1},
		described(t, fd))

	t.Run("under this name, with another link", func(t *testing.T) {
		path := written(t, 10)
		fd := opened(t, path, unix.O_RDONLY)
		require.NoError(t, os.Link(path, path+".other"))
		require.NoError(t, os.Remove(path))
		d := described(t, fd)
		assert.Equal(t, path, d.Path)
		assert.Equal(t, "read-only, deleted", d.Detail)
	})
	t.Run("a directory", func(t *testing.T) {
		dir := filepath.Dir(written(t, 0)) + "/dir"
		require.NoError(t, os.Mkdir(dir, 0o700))
		fd := opened(t, dir, unix.O_RDONLY)
		assert.Equal(t, Description{Kind: "directory", Name: dir, Path: dir, PeerFD: -1}, described(t, fd))
		require.NoError(t, os.Remove(dir))
		assert.Equal(t, Description{Kind: "directory", Name: dir, Path: dir, Detail: "deleted", PeerFD: -1}, described(t, fd))
	})
	t.Run("not, but so named", func(t *testing.T) {
		path := written(t, 10) + " (deleted)"
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		fd := opened(t, path, unix.O_RDONLY)
		d := described(t, fd)
		assert.Equal(t, path, d.Path)
		assert.Equal(t, "read-only", d.Detail)
		require.NoError(t, os.Remove(path))
		d = described(t, fd)
		assert.Equal(t, path, d.Path, "one suffix is the file's own")
		assert.Equal(t, "read-only, deleted", d.Detail)
	})
	t.Run("and replaced by one so named", func(t *testing.T) {
		path := written(t, 10)
		fd := opened(t, path, unix.O_RDONLY)
		require.NoError(t, os.Link(path, path+".other"))
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.WriteFile(path+" (deleted)", nil, 0o600))
		assert.Equal(t, path, described(t, fd).Path)
	})
}

func TestDescribeSymlinkItself(t *testing.T) {
	path := written(t, 0) + ".link"
	require.NoError(t, os.Symlink("nowhere", path))
	fd := opened(t, path, unix.O_PATH|unix.O_NOFOLLOW)
	assert.Equal(t, Description{Kind: "symlink", Name: path, Path: path, Detail: "path only (O_PATH)", PeerFD: -1},
		described(t, fd))
}

func TestDescribeVeryLongPath(t *testing.T) {
	// The kernel gives no link text for a path of more than a page.
	fd := opened(t, t.TempDir(), unix.O_RDONLY)
	name := strings.Repeat("d", 200)
	for range 25 {
		require.NoError(t, unix.Mkdirat(fd, name, 0o700))
		next, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		fd = closing(t, next, err)
	}
	d := described(t, fd)
	assert.Equal(t, "directory", d.Kind)
	assert.Regexp(t, `^inode \d+ on device \d+:\d+$`, d.Name)
	assert.Empty(t, d.Path)
}

func TestDescribeDevice(t *testing.T) {
	assert.Equal(t, Description{Kind: "device", Name: "/dev/null", Path: "/dev/null", Detail: "write-only", PeerFD: -1},
		described(t, opened(t, "/dev/null", unix.O_WRONLY)))
}

func TestDescribePty(t *testing.T) {
	master := opened(t, "/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY)
	require.NoError(t, unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	require.NoError(t, err)
	name := fmt.Sprintf("/dev/pts/%d", n)
	slave := opened(t, name, unix.O_RDWR|unix.O_NOCTTY)
	assert.Equal(t, Description{Kind: "pty", Name: name, Path: name, Detail: "read-write", PeerFD: -1}, described(t, slave))
	d := described(t, master)
	assert.Equal(t, "pty", d.Kind)
	assert.Contains(t, d.Path, "ptmx")
	assert.Equal(t, "master of "+name+", read-write", d.Detail)
}

func TestDescribePipe(t *testing.T) {
	r, w := pipe2(t, 0)
	d := described(t, r)
	assert.Equal(t, "pipe", d.Kind)
	assert.Regexp(t, `^pipe:\[\d+\]$`, d.Name)
	assert.Empty(t, d.Path)
	assert.Equal(t, fmt.Sprintf("read end; write end is fd %d of this process", w), d.Detail)
	assert.Equal(t, w, d.PeerFD)
	assert.False(t, d.PooledPipe)

	_, err := unix.Write(w, []byte("1234"))
	require.NoError(t, err)
	d = described(t, w)
	assert.Equal(t, fmt.Sprintf("write end; read end is fd %d of this process, 4 bytes unread", r), d.Detail)
	assert.Equal(t, r, d.PeerFD)

	require.NoError(t, unix.Close(r))
	d = described(t, w)
	assert.Equal(t, "write end, 4 bytes unread", d.Detail)
	assert.Equal(t, -1, d.PeerFD)
	require.NoError(t, unix.Close(w))
}

func TestDescribeOneEndOfAPipeTwice(t *testing.T) {
	r, w := pipe2(t, 0)
	again, err := unix.FcntlInt(uintptr(r), unix.F_DUPFD_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Close(w))
	assert.Equal(t, -1, described(t, r).PeerFD, "a duplicate is not the other end")
	require.NoError(t, unix.Close(r))
	require.NoError(t, unix.Close(again))
}

func TestDescribeFIFO(t *testing.T) {
	path := written(t, 0) + ".fifo"
	require.NoError(t, unix.Mkfifo(path, 0o600))
	assert.Equal(t, Description{Kind: "fifo", Name: path, Path: path, Detail: "read-write", PeerFD: -1},
		described(t, opened(t, path, unix.O_RDWR)))
}

func TestDescribeEventfd(t *testing.T) {
	d := described(t, eventfd(t, 18))
	assert.Equal(t, Description{Kind: "eventfd", Name: "anon_inode:[eventfd]", Detail: "count 18", PeerFD: -1}, d)
}

func TestDescribeEpoll(t *testing.T) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	closing(t, fd, err)
	assert.Equal(t, Description{Kind: "epoll", Name: "anon_inode:[eventpoll]", Detail: "watches nothing", PeerFD: -1},
		described(t, fd))
	event := eventfd(t, 0)
	require.NoError(t, unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, event, &unix.EpollEvent{Events: unix.EPOLLIN}))
	assert.Equal(t, fmt.Sprint("watches fd ", event), described(t, fd).Detail)
	for range 8 {
		require.NoError(t, unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, eventfd(t, 0), &unix.EpollEvent{Events: unix.EPOLLIN}))
	}
	assert.Equal(t, "watches 9 descriptors", described(t, fd).Detail)
}

func TestDescribeInotify(t *testing.T) {
	fd := inotify(t)
	for _, words := range []string{"1 watch", "2 watches"} {
		_, err := unix.InotifyAddWatch(fd, t.TempDir(), unix.IN_CREATE)
		require.NoError(t, err)
		assert.Equal(t, Description{Kind: "inotify", Name: "anon_inode:inotify", Detail: words, PeerFD: -1}, described(t, fd))
	}
}

func TestDescribeFanotify(t *testing.T) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC, 0)
	if err == unix.EPERM || err == unix.ENOSYS {
		t.Skip("fanotify_init:", err)
	}
	closing(t, fd, err)
	require.NoError(t, unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_OPEN, unix.AT_FDCWD, t.TempDir()))
	d := described(t, fd)
	assert.Equal(t, "fanotify", d.Kind)
	assert.Equal(t, "1 mark", d.Detail)
}

func TestDescribeTimerfd(t *testing.T) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC)
	closing(t, fd, err)
	assert.Equal(t, Description{Kind: "timerfd", Name: "anon_inode:[timerfd]", Detail: "not armed", PeerFD: -1},
		described(t, fd))
	spec := unix.ItimerSpec{
		Value:    unix.NsecToTimespec(int64(100 * time.Hour)),
		Interval: unix.NsecToTimespec(int64(time.Minute)),
	}
	require.NoError(t, unix.TimerfdSettime(fd, 0, &spec, nil))
	assert.Regexp(t, `^expires in (99h59m\S+|100h0m0s), then every 1m0s$`, described(t, fd).Detail)
}

func TestDescribeSignalfd(t *testing.T) {
	var mask unix.Sigset_t
	// The first word holds signals 1 to 32, or to 64.
	mask.Val[0] = 1<<(unix.SIGWINCH-1) | 1<<(unix.SIGHUP-1)
	fd, err := unix.Signalfd(-1, &mask, unix.SFD_CLOEXEC)
	closing(t, fd, err)
	assert.Equal(t, Description{Kind: "signalfd", Name: "anon_inode:[signalfd]", Detail: "for SIGHUP, SIGWINCH", PeerFD: -1},
		described(t, fd))
}

func TestDescribeMemfd(t *testing.T) {
	for name, want := range map[string]string{"scratch": "scratch", "a (deleted)": "a (deleted)", "": "unnamed"} {
		fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
		closing(t, fd, err)
		_, err = unix.Write(fd, make([]byte, 100))
		require.NoError(t, err)
		assert.Equal(t, Description{Kind: "memfd", Name: want, Detail: "read-write, 100 bytes in", PeerFD: -1}, described(t, fd))
	}
}

func TestDescribeNamespace(t *testing.T) {
	link, err := os.Readlink("/proc/self/ns/net")
	require.NoError(t, err)
	assert.Equal(t, Description{Kind: "namespace", Name: link, PeerFD: -1},
		described(t, opened(t, "/proc/self/ns/net", unix.O_RDONLY)))
}

func TestDescribeOtherAnonymousInode(t *testing.T) {
	var params [120]byte // struct io_uring_params
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 4, uintptr(unsafe.Pointer(&params)), 0)
	if errno == unix.ENOSYS || errno == unix.EPERM {
		t.Skip("io_uring_setup:", errno)
	}
	require.Zero(t, errno)
	closing(t, int(fd), nil)
	assert.Equal(t, Description{Kind: "io_uring", Name: "anon_inode:[io_uring]", PeerFD: -1}, described(t, int(fd)))
}

func TestAnonKind(t *testing.T) {
	for text, kind := range map[string]string{
		"[eventpoll]": "epoll", "inotify": "inotify", "bpf-map": "bpf-map",
		"seccomp notify": "seccomp-notify", "[perf_event]": "perf_event", "": "",
	} {
		assert.Equal(t, kind, anonKind(text))
	}
}

func TestInfoWords(t *testing.T) {
	for _, tt := range []struct{ kind, info, want string }{
		{"eventfd", "eventfd-count:               1f\n", "count 31"},
		{"eventfd", "eventfd-count: what\n", ""},
		{"eventfd", "pos:\t0\n", ""},
		{"eventfd", "", ""},
		{"signalfd", "sigmask:\t0000000200000001\n", "for SIGHUP, signal 34"},
		{"signalfd", "sigmask:\t0000000000000000\n", ""},
		{"signalfd", "sigmask:\twhat\n", ""},
		{"signalfd", "pos:\t0\n", ""},
		{"epoll", "tfd:\ntfd:        7 events: 19\ntfd: 12", "watches fd 7, fd 12"},
		{"fanotify", "fanotify flags:0 event-flags:8000\nfanotify ino:3c4a3\nfanotify mnt_id:12\nfanotify sdev:10\n", "3 marks"},
		{"inotify", "pos:\t0\n", "0 watches"},
	} {
		assert.Equal(t, tt.want, infoWords(tt.kind, tt.info), "%s: %q", tt.kind, tt.info)
	}
}

func TestDescribePidfd(t *testing.T) {
	cmd := exec.Command("cat")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	pid := cmd.Process.Pid
	opened, err := unix.PidfdOpen(pid, 0)
	fd := closing(t, opened, err)
	want := Description{Kind: "pidfd", PeerFD: -1, PID: pid}

	want.Name = fmt.Sprintf("of %d (running)", pid)
	assert.Equal(t, want, described(t, fd))

	require.NoError(t, stdin.Close())
	readable := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(readable, -1)
		if err == unix.EINTR {
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 1, n)
		break
	}
	want.Name = fmt.Sprintf("of %d (exited, not waited for)", pid)
	assert.Equal(t, want, described(t, fd))

	require.NoError(t, cmd.Wait())
	want.Name, want.PID = "of a process that was waited for (reaped)", -1
	assert.Equal(t, want, described(t, fd))
}

func TestDescribeWhatIsGone(t *testing.T) {
	r, w := pipe2(t, 0)
	pairOf := func(fd int) (Table, Key) {
		table := census(t)
		return table, keyIn(t, table, fd)
	}
	table, k := pairOf(r)
	require.NoError(t, unix.Close(w))
	require.NoError(t, unix.Close(r))
	assert.Equal(t, Description{Kind: "pipe", Name: fmt.Sprintf("pipe:[%d]", k.Ino),
		Detail: "closed since it was listed", PeerFD: -1}, NewReader().Describe(k, table))

	for name, tt := range map[string]struct {
		open       func(t *testing.T) int
		kind, name string
	}{
		"eventfd":   {func(t *testing.T) int { return eventfd(t, 0) }, "eventfd", `^anon_inode:\[eventfd\]$`},
		"inotify":   {inotify, "inotify", `^anon_inode:inotify$`},
		"file":      {func(t *testing.T) int { return opened(t, written(t, 0), unix.O_RDWR) }, "file", `^inode \d+ on device \d+:\d+$`},
		"directory": {func(t *testing.T) int { return opened(t, t.TempDir(), unix.O_RDONLY) }, "directory", `^inode \d+ on device`},
	} {
		t.Run(name, func(t *testing.T) {
			fd := tt.open(t)
			table, k := pairOf(fd)
			replace(t, fd, opened(t, os.DevNull, unix.O_RDONLY))
			d := NewReader().Describe(k, table)
			assert.Equal(t, tt.kind, d.Kind)
			assert.Regexp(t, tt.name, d.Name)
			assert.Equal(t, "closed since it was listed, the number is in use again", d.Detail)
			assert.Equal(t, -1, d.PeerFD)
		})
	}
}

func TestDescribeWithoutAFreeDescriptor(t *testing.T) {
	watch, event := inotify(t), eventfd(t, 3)
	_, err := unix.InotifyAddWatch(watch, t.TempDir(), unix.IN_CREATE)
	require.NoError(t, err)
	a, b := socketpair(t, unix.SOCK_STREAM)
	exhausted(t)
	for range 2 {
		assert.Equal(t, "1 watch", described(t, watch).Detail)
		assert.Equal(t, "count 3", described(t, event).Detail)
		assert.Equal(t, b, described(t, a).PeerFD)
	}

	// With the reader's own number taken as well, the detail is left out.
	table := census(t)
	stolen := own.fd
	replace(t, stolen, watch)
	d := NewReader().Describe(keyIn(t, table, watch), table)
	assert.Equal(t, Description{Kind: "inotify", Name: "anon_inode:inotify", PeerFD: -1}, d)
	require.NoError(t, unix.Close(stolen))
}
