// Package recorded opens descriptors in every way there is. Each function that
// leaves one open is named for how.
package recorded

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kept keeps what is open from being collected.
var kept []any

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	kept = append(kept, v)
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func TestFiles(t *testing.T) {
	file := must(osOpen())
	must(osCreateTemp(t))
	root := must(osRoot(t))
	must(rootCreate(root))
	must(rawOpen())
	must(xsysOpen())
	must(xsysOpenat2())
	must(xsysMemfd())
	rawMemfd()
	must(rawDup(file))
	must(xsysDup(file))
	must(xsysFcntlDup(file))
	xsysDup3(file)
	must(newFile())
}

func osOpen() (*os.File, error) { return os.Open(os.DevNull) }

func osCreateTemp(t *testing.T) (*os.File, error) { return os.CreateTemp(t.TempDir(), "") }

func osRoot(t *testing.T) (*os.Root, error) { return os.OpenRoot(t.TempDir()) }

func rootCreate(r *os.Root) (*os.File, error) { return r.Create("file") }

func rawOpen() (int, error) { return syscall.Open(os.DevNull, syscall.O_RDONLY, 0) }

func xsysOpen() (int, error) { return unix.Open(os.DevNull, unix.O_RDONLY, 0) }

func xsysOpenat2() (int, error) {
	return unix.Openat2(unix.AT_FDCWD, os.DevNull, &unix.OpenHow{Flags: unix.O_RDONLY})
}

func xsysMemfd() (int, error) { return unix.MemfdCreate("name", 0) }

func rawMemfd() {
	name, err := syscall.BytePtrFromString("name")
	check(err)
	if _, _, errno := syscall.RawSyscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(name)), 0, 0); errno != 0 {
		panic(errno)
	}
	runtime.KeepAlive(name)
}

func rawDup(f *os.File) (int, error) { return syscall.Dup(int(f.Fd())) }

func xsysDup(f *os.File) (int, error) { return unix.Dup(int(f.Fd())) }

func xsysFcntlDup(f *os.File) (int, error) {
	return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
}

func xsysDup3(f *os.File) { check(unix.Dup3(int(f.Fd()), 200, 0)) }

func newFile() (*os.File, error) {
	fd, err := openForNewFile()
	return os.NewFile(uintptr(fd), "name"), err
}

func openForNewFile() (int, error) { return unix.Open(os.DevNull, unix.O_RDONLY, 0) }

func TestSockets(t *testing.T) {
	l := must(netListen())
	c := must(netDial(l))
	must(netAccept(l))
	must(netUDP())
	f := must(listenerFile(l.(*net.TCPListener)))
	must(netFileListener(f))
	must(connFile(c.(*net.TCPConn)))
	must(osPipe())
	must(rawPair())
	must(xsysPair())
	must(xsysPipe2())
}

func netListen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func netDial(l net.Listener) (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }

func netAccept(l net.Listener) (net.Conn, error) { return l.Accept() }

func netUDP() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") }

func listenerFile(l *net.TCPListener) (*os.File, error) { return l.File() }

func connFile(c *net.TCPConn) (*os.File, error) { return c.File() }

func netFileListener(f *os.File) (net.Listener, error) { return net.FileListener(f) }

func osPipe() ([2]*os.File, error) {
	r, w, err := os.Pipe()
	return [2]*os.File{r, w}, err
}

func rawPair() ([2]int, error) { return syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0) }

func xsysPair() ([2]int, error) { return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0) }

func xsysPipe2() ([2]int, error) {
	var p [2]int
	err := unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p, err
}

func TestAnonymous(t *testing.T) {
	must(rawEpoll())
	must(rawInotify())
	must(xsysEpoll())
	must(xsysEventfd())
	must(xsysTimerfd())
	must(xsysInotify())
	fd := must(xsysSignalfd())
	must(unix.Signalfd(fd, new(unix.Sigset_t), 0)) // no new one
	must(xsysPidfd())
}

func rawEpoll() (int, error) { return syscall.EpollCreate1(0) }

func rawInotify() (int, error) { return syscall.InotifyInit() }

func xsysEpoll() (int, error) { return unix.EpollCreate1(0) }

func xsysEventfd() (int, error) { return unix.Eventfd(0, 0) }

func xsysTimerfd() (int, error) { return unix.TimerfdCreate(unix.CLOCK_MONOTONIC, 0) }

func xsysInotify() (int, error) { return unix.InotifyInit1(0) }

func xsysSignalfd() (int, error) { return unix.Signalfd(-1, new(unix.Sigset_t), 0) }

func xsysPidfd() (int, error) { return unix.PidfdOpen(os.Getpid(), 0) }

func TestMappings(t *testing.T) {
	f, err := os.Open("/proc/self/exe")
	check(err)
	defer f.Close()
	must(rawMmap(f))
	must(xsysMmap(f))
	unmapped, err := syscall.Mmap(int(f.Fd()), 0, 100, syscall.PROT_READ, syscall.MAP_SHARED)
	check(err)
	check(syscall.Munmap(unmapped))
	must(syscall.Mmap(-1, 0, 100, syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_ANON))
}

func rawMmap(f *os.File) ([]byte, error) {
	return syscall.Mmap(int(f.Fd()), 0, 100, syscall.PROT_READ, syscall.MAP_SHARED)
}

func xsysMmap(f *os.File) ([]byte, error) {
	return unix.Mmap(int(f.Fd()), 0, 100, unix.PROT_READ, unix.MAP_SHARED)
}

func TestProcesses(t *testing.T) {
	left := startedAndLeft()
	waited := exec.Command("true")
	check(waited.Run())
	os.Setenv("PIDS", strconv.Itoa(left.Process.Pid)+" "+strconv.Itoa(waited.Process.Pid))
}

func startedAndLeft() *exec.Cmd {
	c := exec.Command("sleep", "1000")
	check(c.Start())
	kept = append(kept, c)
	return c
}

// TestClosed leaves nothing.
func TestClosed(t *testing.T) {
	f, err := os.Open(os.DevNull)
	check(err)
	check(f.Close())
	var p [2]int
	check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	check(unix.Close(p[0]))
	check(syscall.Close(p[1]))
	check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	check(unix.CloseRange(uint(p[0]), uint(p[0]), 0))
	check(unix.CloseRange(uint(p[1]), uint(p[1]), 0))
}

func TestLost(t *testing.T) {
	fd := dropped()
	var st unix.Stat_t
	for unix.Fstat(fd, &st) == nil {
		runtime.GC()
	}
}

func dropped() int {
	f, err := os.CreateTemp(os.TempDir(), "dropped")
	check(err)
	check(os.Remove(f.Name()))
	return int(f.Fd())
}

func TestMisuse(t *testing.T) {
	f, err := owner()
	check(err)
	kept = append(kept, f)
	fd := int(f.Fd())
	closeBehindOwner(fd)
	if got := must(reopen(fd)); got != fd {
		t.Error("another number:", got)
	}
}

func owner() (*os.File, error) { return os.Open(os.DevNull) }

func closeBehindOwner(fd int) { check(syscall.Close(fd)) }

// reopen opens the lowest number from fd on.
func reopen(fd int) (int, error) { return unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, fd) }

// TestLabels is about the mark of a test on a goroutine with other labels.
func TestLabels(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("key", "value"), func(ctx context.Context) {
		if got := labels(); !strings.Contains(got, `"key":"value"`) || !strings.Contains(got, `"leakcheck-test":"mark"`) {
			t.Error(got)
		}
		must(underLabels())
	})
	pprof.SetGoroutineLabels(context.Background())
	if got := labels(); strings.Contains(got, `"key"`) || !strings.Contains(got, `"leakcheck-test":"mark"`) {
		t.Error(got)
	}
}

func underLabels() (int, error) { return unix.Eventfd(0, 0) }

// labels returns the labels of the goroutine that calls it, as the goroutine
// profile shows them.
func labels() string {
	var b bytes.Buffer
	check(pprof.Lookup("goroutine").WriteTo(&b, 1))
	for block := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(block, "recorded.labels") {
			return block
		}
	}
	return "not in the profile: " + b.String()
}

func TestSub(t *testing.T) {
	t.Run("one", func(t *testing.T) { t.Run("two", func(*testing.T) {}) })
}

func FuzzSeeds(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) {})
}

// TestStacks makes calls that store two descriptors where a stack points that
// moves, while others collect garbage, which moves stacks too, and fork.
func TestStacks(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				done := make(chan struct{})
				go func() {
					defer close(done)
					deep(i*200+j, pairs)
				}()
				<-done
			}
		})
	}
	for range 20 {
		check(exec.Command("true").Run())
	}
	wg.Wait()
}

func deep(n int, f func()) byte {
	var frame [16]byte
	if n %= 64; n == 0 {
		f()
		return 0
	}
	frame[n%16] = 1
	return deep(n-1, f) + frame[0]
}

func pairs() {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	check(err)
	passes(pair[0], pair[1])
	pair, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	check(err)
	passes(pair[0], pair[1])
	var pipe [2]int
	check(syscall.Pipe2(pipe[:], syscall.O_CLOEXEC))
	passes(pipe[1], pipe[0])
	check(unix.Pipe2(pipe[:], unix.O_CLOEXEC))
	passes(pipe[1], pipe[0])
}

// passes sees to it that what is written to one is read from the other, and
// closes both.
func passes(w, r int) {
	b := [1]byte{42}
	_, err := syscall.Write(w, b[:])
	check(err)
	b[0] = 0
	_, err = syscall.Read(r, b[:])
	check(err)
	if b[0] != 42 {
		panic("read something else")
	}
	check(syscall.Close(w))
	check(unix.Close(r))
}
