package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/go-openapi/testify/v2/assert"
	"github.com/prometheus/procfs"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
)

// A census is timed at a number of open descriptors, which are regular files,
// pipes and TCP connections in equal parts, and what the process had before.
// The peers say of each descriptor what its link says; a census says which
// file, pipe or socket it is (device and inode) and asks for no link, which is
// why it need not cost as much. testify compares two snapshots, so it is
// compared with two censuses and their difference.

const (
	censusRounds = 11
	censusSlice  = 15 * time.Millisecond
	censusBudget = 0.35
)

// A takenCensus holds what is kept between censuses: their memory.
type takenCensus struct {
	reader        *fdtable.Reader
	before, after fdtable.Table
}

func newCensus() *takenCensus { return &takenCensus{reader: fdtable.NewReader()} }

// take lists the open descriptors.
func (c *takenCensus) take() {
	table, err := c.reader.Read(c.after)
	must(err)
	c.after = table
}

// compare takes two censuses and their difference.
func (c *takenCensus) compare() {
	c.take()
	c.before, c.after = c.after, c.before
	c.take()
	if opened, closed := fdtable.Diff(c.before, c.after); len(opened)+len(closed) > 0 {
		panic(fmt.Sprintf("descriptors changed: %v opened, %v closed", opened, closed))
	}
}

func (c *takenCensus) count() {
	_, err := c.reader.Count()
	must(err)
}

// everyLink is the usual way to list descriptors.
func everyLink() {
	const dir = "/proc/self/fd"
	entries, err := os.ReadDir(dir)
	must(err)
	targets := make(map[string]string, len(entries))
	for _, e := range entries {
		if target, err := os.Readlink(dir + "/" + e.Name()); err == nil {
			targets[e.Name()] = target
		}
	}
}

func procfsTargets() {
	p, err := procfs.Self()
	must(err)
	_, err = p.FileDescriptorTargets()
	must(err)
}

func procfsLen() {
	p, err := procfs.Self()
	must(err)
	_, err = p.FileDescriptorsLen()
	must(err)
}

func testifySnapshots() {
	var t stub
	if !assert.NoFileDescriptorLeak(&t, func() {}) {
		panic(fmt.Sprint(t.errors))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func censusRows(t *table) error {
	for _, n := range []int{10, 100, 1000} {
		if err := withDescriptors(n, func() { censusRowsAt(t, n) }); err != nil {
			return err
		}
	}
	return nil
}

func censusRowsAt(t *table, n int) {
	c := newCensus()
	got := sideBySide(censusRounds, censusSlice,
		loop(c.take), loop(everyLink), loop(procfsTargets), loop(c.compare), loop(testifySnapshots))
	own, twice := got[0], got[3]
	what := fmt.Sprintf("census, %s descriptors", thousands(n))
	within := budget{ratio: censusBudget}
	against := func(own, peer timing, what, name string) {
		t.add(row{what: what, own: own.median(), unit: duration, peer: name, peersOwn: peer.median(), ratio: own.over(peer), budget: within})
	}
	against(own, got[1], what, "reading every link")
	if n < 1000 {
		return
	}
	against(own, got[2], what, "procfs FileDescriptorTargets")
	against(twice, got[4], "two of them, compared", "testify NoFileDescriptorLeak")
	counts := sideBySide(censusRounds, censusSlice, loop(c.count), loop(procfsLen))
	within = budget{}
	against(counts[0], counts[1], "count, 1,000 descriptors", "procfs FileDescriptorsLen")
}

// withDescriptors calls f while n descriptors are open.
func withDescriptors(n int, f func()) (err error) {
	dir, err := os.MkdirTemp("", "census")
	if err != nil {
		return err
	}
	o := &openings{dir: dir}
	defer func() {
		err = errors.Join(err, o.close(), os.RemoveAll(dir))
	}()
	if err := o.fill(n); err != nil {
		return err
	}
	f()
	return nil
}

// openings are descriptors opened to be counted.
type openings struct {
	dir  string
	open []interface{ Close() error }
}

// fill opens until the process has n descriptors, one at a time at the end.
func (o *openings) fill(n int) error {
	reader := fdtable.NewReader()
	for {
		have, err := reader.Count()
		if err != nil {
			return err
		}
		switch left := n - have; {
		case left < 0:
			return fmt.Errorf("%d descriptors are open, more than the %d to be measured", have, n)
		case left == 0:
			return nil
		case left >= 6:
			err = errors.Join(o.file(), o.file(), o.pipe(), o.connection())
		default:
			err = o.file()
		}
		if err != nil {
			return err
		}
	}
}

func (o *openings) file() error {
	f, err := os.Create(filepath.Join(o.dir, fmt.Sprintf("file-%04d", len(o.open))))
	if err == nil {
		o.open = append(o.open, f)
	}
	return err
}

func (o *openings) pipe() error {
	r, w, err := os.Pipe()
	if err == nil {
		o.open = append(o.open, r, w)
	}
	return err
}

// connection opens both ends of a TCP connection.
func (o *openings) connection() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	o.open = append(o.open, client)
	server, err := l.Accept()
	if err == nil {
		o.open = append(o.open, server)
	}
	return err
}

func (o *openings) close() error {
	var errs []error
	for _, c := range o.open {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
