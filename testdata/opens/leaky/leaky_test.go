package leaky

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestFileOnAnErrorPath(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadHeader(empty); err == nil {
		t.Fatal("an empty file has no header")
	}
}

func TestFileHeld(t *testing.T) {
	f := must[*os.File](t)(os.CreateTemp(t.TempDir(), "report")) // leak: file
	keep(f)
}

func TestFileCollectedInTheMiddle(t *testing.T) {
	func() {
		f := must[*os.File](t)(os.Open(os.Args[0])) // leak: file
		_ = f.Name()
	}()
	runtime.GC()
	runtime.GC()
	time.Sleep(20 * time.Millisecond) // for the finalizer, which no other event tells
}

func TestDirectory(t *testing.T) {
	d := must[*os.File](t)(os.Open(".")) // leak: directory
	if _, err := d.ReadDir(1); err != nil {
		t.Fatal(err)
	}
	keep(d)
}

func TestRoot(t *testing.T) {
	r := must[*os.Root](t)(os.OpenRoot("."))   // leak: directory
	f := must[*os.File](t)(r.Open("leaky.go")) // leak: file
	keep(r, f)
}

func TestPipe(t *testing.T) {
	r, w, err := os.Pipe() // leak: pipe pipe
	if err != nil {
		t.Fatal(err)
	}
	keep(r, w)
}

func listen(t *testing.T, network string) net.Listener {
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestListener(t *testing.T) {
	ln := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0")) // leak: listener
	keep(ln)
}

func TestConnection(t *testing.T) {
	ln := listen(t, "tcp")
	go func() {
		c, err := ln.Accept()
		if err == nil {
			c.Close()
		}
	}()
	if err := Connect(ln.Addr().String()); err == nil {
		t.Fatal("nobody greeted")
	}
}

func TestAccepted(t *testing.T) {
	ln, accepted := listen(t, "tcp"), make(chan struct{})
	go Serve(ln, accepted)
	c := must[net.Conn](t)(net.Dial("tcp", ln.Addr().String()))
	<-accepted
	c.Close()
}

// A name with addresses of both families is dialled on another goroutine.
func TestDialByName(t *testing.T) {
	ln := listen(t, "tcp")
	go ln.Accept() // leak: tcp
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	c := must[net.Conn](t)(net.Dial("tcp", "localhost:"+port)) // leak: tcp
	keep(c)
	time.Sleep(20 * time.Millisecond)
}

func TestUnixSocket(t *testing.T) {
	ln := listen(t, "unix")
	c := must[net.Conn](t)(net.Dial("unix", ln.Addr().String())) // leak: unix
	keep(c)
}

func TestUDP(t *testing.T) {
	c := must[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0")) // leak: udp
	keep(c)
}

func TestDuplicate(t *testing.T) {
	ln := listen(t, "tcp")
	f := must[*os.File](t)(ln.(*net.TCPListener).File()) // leak: listener
	keep(f)
}

func TestTLS(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	c := must[*tls.Conn](t)(tls.Dial("tcp", srv.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})) // leak: tcp
	keep(c)
}

func TestKeepAlive(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler()) // leak: listener tcp
	client := &http.Client{Transport: &http.Transport{}}
	resp := must[*http.Response](t)(client.Get(srv.URL)) // leak: tcp
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	keep(client)
}

func TestInotify(t *testing.T) {
	fd := must[int](t)(unix.InotifyInit1(unix.IN_CLOEXEC)) // leak: inotify
	must[int](t)(unix.InotifyAddWatch(fd, ".", unix.IN_CREATE))
}

func TestAnonymous(t *testing.T) {
	must[int](t)(unix.EpollCreate1(unix.EPOLL_CLOEXEC))                      // leak: epoll
	must[int](t)(unix.Eventfd(0, unix.EFD_CLOEXEC))                          // leak: eventfd
	must[int](t)(unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC)) // leak: timerfd
	must[int](t)(unix.MemfdCreate("m", unix.MFD_CLOEXEC))                    // leak: memfd
	must[int](t)(unix.Signalfd(-1, &unix.Sigset_t{}, unix.SFD_CLOEXEC))      // leak: signalfd
}

func TestRawOpen(t *testing.T) {
	must[int](t)(syscall.Open(os.Args[0], syscall.O_RDONLY|syscall.O_CLOEXEC, 0)) // leak: file
	must[int](t)(unix.Open(os.Args[0], unix.O_RDONLY|unix.O_CLOEXEC, 0))          // leak: file
}

func TestRawDup(t *testing.T) {
	fd := must[int](t)(syscall.Open(os.Args[0], syscall.O_RDONLY|syscall.O_CLOEXEC, 0))
	defer syscall.Close(fd)
	must[int](t)(syscall.Dup(fd))                                     // leak: file
	must[int](t)(unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)) // leak: file
	if err := unix.Dup3(fd, 200, unix.O_CLOEXEC); err != nil {        // leak: file
		t.Fatal(err)
	}
}

func TestSocketpair(t *testing.T) {
	if _, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil { // leak: unix unix
		t.Fatal(err)
	}
	if _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil { // leak: unix unix
		t.Fatal(err)
	}
}

func TestMapping(t *testing.T) {
	f := must[*os.File](t)(os.Open(os.Args[0]))
	defer f.Close()
	data := must[[]byte](t)(syscall.Mmap(int(f.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_SHARED)) // leak: mapping
	keep(data)
}

func TestCommand(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil { // leak: process
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
}

func TestOtherLabels(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("request", "1"), func(context.Context) {
		keep(must[*os.File](t)(os.Open(os.Args[0]))) // leak: file
	})
}

func TestInAGoroutine(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f, err := os.Open(os.Args[0]) // leak: file
		if err != nil {
			t.Error(err)
		}
		keep(f)
	}()
	<-done
}

func TestSubtests(t *testing.T) {
	t.Run("clean", func(t *testing.T) {
		f := must[*os.File](t)(os.Open(os.Args[0]))
		f.Close()
	})
	t.Run("leaky", func(t *testing.T) {
		keep(must[*os.File](t)(os.Open(os.Args[0]))) // leak: file
	})
}
