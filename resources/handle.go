package resources

import (
	"cmp"
	"flag"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A handle is the entry of one resource in a tracker. Every stand-in embeds
// one, which it passes itself as ptr. The zero handle is not tracked.
type handle struct {
	state   atomic.Uint32
	tracker *leakcheck.Tracker // nil is the default one
	event   *event             // nil if nothing is logged about the resource
}

const (
	untracked uint32 = iota // off, left out by sampling, or closed
	tracked
)

// open begins the tracking of the resource that ptr is the stand-in for, unless
// tracking is off or sampling leaves it out. conn, which may be nil, is what
// knows its descriptor.
//
// A name or kind that has to be put together first costs also where tracking is
// off: call it behind [tracks] then.
func (h *handle) open(ptr any, conn syscall.Conn, name, kind string, opts []Option) {
	if !tracks() {
		return
	}
	h.enter(ptr, conn, name, kind, opts)
}

func (h *handle) enter(ptr any, conn syscall.Conn, name, kind string, opts []Option) {
	if len(opts) > 0 {
		o := optionsOf(opts)
		h.tracker, name = o.tracker, cmp.Or(o.name, name)
	}
	var err error
	switch fd := descriptorOf(conn); {
	case fd >= 0 && h.tracker != nil:
		err = h.tracker.TrackDescriptor(ptr, fd, name, kind)
	case fd >= 0:
		err = leakcheck.TrackDescriptor(ptr, fd, name, kind)
	case h.tracker != nil:
		err = h.tracker.Track(ptr, name, kind)
	default:
		err = leakcheck.Track(ptr, name, kind)
	}
	if err != nil {
		return // no stand-in is of a kind that is refused
	}
	h.event = logOpened(ptr, name, kind)
	h.state.Store(tracked)
}

// close ends the tracking of ptr, once. err is what closing it returned.
func (h *handle) close(ptr any, err error) {
	if h.state.Load() == untracked || !h.state.CompareAndSwap(tracked, untracked) {
		return
	}
	if h.tracker != nil {
		h.tracker.Untrack(ptr)
	} else {
		leakcheck.Untrack(ptr)
	}
	h.event.closed(err)
}

// isTracked reports whether ptr is in a tracker.
func (h *handle) isTracked() bool { return h.state.Load() == tracked }

// inTest reports whether this is a test binary. Verdicts of tests compare with
// the descriptors of the process, so there it matters which one a resource has.
var inTest = sync.OnceValue(func() bool { return flag.Lookup("test.v") != nil })

// descriptorOf returns the number of the descriptor behind conn, -1 for none.
func descriptorOf(conn syscall.Conn) int {
	if conn == nil || !inTest() {
		return -1
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1
	}
	number := -1
	_ = raw.Control(func(fd uintptr) { number = int(fd) }) // fails if it is closed
	return number
}
