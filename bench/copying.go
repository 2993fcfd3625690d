package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-leakcheck/leakcheck/resources"
)

// A stand-in must not keep the kernel from copying: a file that is sent through
// a tracked connection passes no buffer of the program, as through a plain one.

const (
	copyRounds = 25
	copySlice  = 60 * time.Millisecond
	copySize   = 16 << 20
)

// A copying sends a file through a connection, to a reader that drops it.
type copying struct {
	conn net.Conn
	file io.ReadSeeker
	done sync.WaitGroup
}

// newCopying dials to a reader of its own.
func newCopying(dial func(network, address string) (net.Conn, error), file io.ReadSeeker) (*copying, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	c := &copying{file: file}
	if c.conn, err = dial("tcp", ln.Addr().String()); err != nil {
		return nil, err
	}
	far, err := ln.Accept()
	if err != nil {
		_ = c.conn.Close()
		return nil, err
	}
	c.done.Go(func() {
		_, _ = io.Copy(io.Discard, far) // ends when the other side is closed
		_ = far.Close()
	})
	return c, nil
}

func (c *copying) once() {
	made(c.file.Seek(0, io.SeekStart))
	made(io.Copy(c.conn, c.file))
}

func (c *copying) close() {
	must(c.conn.Close())
	c.done.Wait()
}

func copyingRows(t *table) error {
	dir, err := os.MkdirTemp("", "copying")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	name := filepath.Join(dir, "file")
	if err := os.WriteFile(name, make([]byte, copySize), 0o600); err != nil {
		return err
	}
	plainFile, trackedFile := made(os.Open(name)), made(resources.Open(name))
	defer plainFile.Close()
	defer trackedFile.Close()
	plain, err := newCopying(net.Dial, plainFile)
	if err != nil {
		return err
	}
	defer plain.close()
	tracked, err := newCopying(func(network, address string) (net.Conn, error) {
		return resources.Dial(network, address)
	}, trackedFile)
	if err != nil {
		return err
	}
	defer tracked.close()
	got := sideBySide(copyRounds, copySlice, loop(tracked.once), loop(plain.once))
	t.add(row{
		what: "16 MiB of a file to a connection, both tracked",
		own:  got[0].median(), unit: duration,
		peer: "plain", peersOwn: got[1].median(), ratio: got[0].over(got[1]),
	})
	return nil
}
