// Package clean opens what package leaky opens, and closes it.
package clean

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
	"runtime/pprof"
	"syscall"
	"testing"

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

func closing[T io.Closer](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		return v
	}
}

func closingFD(t *testing.T) func(int, error) int {
	return func(fd int, err error) int {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Close(fd) })
		return fd
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	closing[*os.File](t)(os.CreateTemp(t.TempDir(), "report"))
	d := closing[*os.File](t)(os.Open("."))
	must[[]os.DirEntry](t)(d.ReadDir(1))
	r := closing[*os.Root](t)(os.OpenRoot("."))
	closing[*os.File](t)(r.Open("clean_test.go"))
	if err := r.Chmod("clean_test.go", 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(t.TempDir(), "x")); err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	closing[*os.File](t)(in, err)
	closing[*os.File](t)(out, err)
}

func TestSockets(t *testing.T) {
	t.Parallel()
	ln := closing[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost"} {
		c := closing[net.Conn](t)(net.Dial("tcp", net.JoinHostPort(host, port)))
		io.Copy(io.Discard, c)
	}
	closing[*os.File](t)(ln.(*net.TCPListener).File())
	un := closing[net.Listener](t)(net.Listen("unix", filepath.Join(t.TempDir(), "s")))
	closing[net.Conn](t)(net.Dial("unix", un.Addr().String()))
	closing[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0"))
}

// Copies between connections leave pipes in a pool of package internal/poll.
func TestSplice(t *testing.T) {
	t.Parallel()
	pair := func() (a, b net.Conn) {
		ln := closing[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
		a = closing[net.Conn](t)(net.Dial("tcp", ln.Addr().String()))
		b = closing[net.Conn](t)(ln.Accept())
		return a, b
	}
	a, b := pair()
	c, d := pair()
	go func() {
		a.Write(make([]byte, 1<<16))
		a.Close()
	}()
	go io.Copy(io.Discard, d)
	must[int64](t)(io.Copy(c, b))
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
		srv := start(http.NotFoundHandler())
		client := srv.Client()
		for range 3 {
			resp := must[*http.Response](t)(client.Get(srv.URL))
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		client.CloseIdleConnections()
		srv.Close()
	}
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	closing[*tls.Conn](t)(tls.Dial("tcp", srv.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}))
}

func TestAnonymous(t *testing.T) {
	t.Parallel()
	fd := closingFD(t)(unix.InotifyInit1(unix.IN_CLOEXEC))
	must[int](t)(unix.InotifyAddWatch(fd, ".", unix.IN_CREATE))
	closingFD(t)(unix.EpollCreate1(unix.EPOLL_CLOEXEC))
	closingFD(t)(unix.Eventfd(0, unix.EFD_CLOEXEC))
	closingFD(t)(unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC))
	closingFD(t)(unix.MemfdCreate("m", unix.MFD_CLOEXEC))
	s := closingFD(t)(unix.Signalfd(-1, &unix.Sigset_t{}, unix.SFD_CLOEXEC))
	must[int](t)(unix.Signalfd(s, &unix.Sigset_t{}, unix.SFD_CLOEXEC))
}

func TestRaw(t *testing.T) {
	t.Parallel()
	fd := closingFD(t)(syscall.Open(os.Args[0], syscall.O_RDONLY|syscall.O_CLOEXEC, 0))
	dup := closingFD(t)(unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0))
	if err := unix.Dup3(fd, dup, unix.O_CLOEXEC); err != nil { // closes the old one
		t.Fatal(err)
	}
	pair := must[[2]int](t)(unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0))
	closingFD(t)(pair[0], nil)
	closingFD(t)(pair[1], nil)
	data := must[[]byte](t)(unix.Mmap(fd, 0, 8192, unix.PROT_READ, unix.MAP_SHARED))
	if err := unix.Munmap(data); err != nil {
		t.Fatal(err)
	}
}

// A descriptor passed between a file and its number, and closed once.
func TestOwnership(t *testing.T) {
	t.Parallel()
	fd := must[int](t)(syscall.Open(os.Args[0], syscall.O_RDONLY|syscall.O_CLOEXEC, 0))
	f := os.NewFile(uintptr(fd), "self")
	f.Close()
	f.Close() // os.ErrClosed
	for range 10 {
		g := must[*os.File](t)(os.Open(os.Args[0]))
		g.Close()
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	if err := exec.Command("true").Run(); err != nil {
		t.Fatal(err)
	}
	must[[]byte](t)(exec.Command("echo", "x").Output())
	cmd := exec.CommandContext(t.Context(), "cat")
	in := must[io.WriteCloser](t)(cmd.StdinPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	p := must[*os.Process](t)(os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{}))
	must[*os.ProcessState](t)(p.Wait())
}

// What one subtest opens another may close.
func TestSubtests(t *testing.T) {
	t.Parallel()
	var f *os.File
	t.Run("open", func(t *testing.T) { f = must[*os.File](t)(os.Open(os.Args[0])) })
	t.Run("close", func(t *testing.T) { f.Close() })
}

func TestOtherLabels(t *testing.T) {
	t.Parallel()
	pprof.Do(context.Background(), pprof.Labels("request", "1"), func(context.Context) {
		closing[*os.File](t)(os.Open(os.Args[0]))
	})
}
