// Package demo is a small exporter that forgets to close what it opens, one
// thing of each kind.
package demo

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A Writer writes a report to a file. Nobody closes it: the file is held.
type Writer struct {
	file *os.File
	lock *Lease
}

// A Lease is a lifetime that is no descriptor: it is tracked.
type Lease struct{ name string }

// Take takes a lease that Release must give back.
func Take(name string) (*Lease, error) {
	l := &Lease{name}
	return l, leakcheck.Track(l, name, "lease")
}

// Release gives the lease back.
func (l *Lease) Release() { leakcheck.Untrack(l) }

// Create begins a report at path.
func Create(path string) (*Writer, error) {
	lease, err := Take("report lock")
	if err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err // and the lease?
	}
	return &Writer{f, lease}, nil
}

// Header copies the first line of the file at path into the report. The file
// is dropped, not closed: it is lost.
func (w *Writer) Header(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return err
	}
	_, err = io.WriteString(w.file, line)
	return err
}

// Serve answers on the loopback interface until its listener is closed.
func Serve() (net.Listener, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go accept(ln)
	return ln, nil
}

func accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// Compress starts a command that nobody waits for.
func Compress() error {
	return exec.Command("sleep", "30").Start()
}
