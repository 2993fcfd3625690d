package resources

import (
	"cmp"
	"os"
	"slices"
	"strings"
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
	h.register(ptr, descriptorOf(conn), nowhere, name, kind, opts)
}

// nowhere is the number of no descriptor and no process.
const nowhere = -1

// register enters ptr in the tracker, with the descriptor or the child process
// that it will close or wait for.
func (h *handle) register(ptr any, fd, pid int, name, kind string, opts []Option) {
	if len(opts) > 0 {
		o := optionsOf(opts)
		h.tracker, name = o.tracker, cmp.Or(o.name, name)
	}
	t, err := h.registry(), error(nil)
	switch {
	case fd != nowhere:
		err = t.TrackDescriptor(ptr, fd, name, kind)
	case pid != nowhere:
		err = t.TrackProcess(ptr, pid, name, kind)
	default:
		err = t.Track(ptr, name, kind)
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
	h.registry().Untrack(ptr)
	h.event.closed(err)
}

// A registry is a tracker, or the default one as package leakcheck's functions
// have it: they also tell the copy of it that leakcheck test links in.
type registry interface {
	Track(ptr any, name, kind string) error
	TrackDescriptor(ptr any, fd int, name, kind string) error
	TrackProcess(ptr any, pid int, name, kind string) error
	Untrack(ptr any)
}

type defaultTracker struct{}

func (defaultTracker) Track(ptr any, name, kind string) error {
	return leakcheck.Track(ptr, name, kind)
}

func (defaultTracker) TrackDescriptor(ptr any, fd int, name, kind string) error {
	return leakcheck.TrackDescriptor(ptr, fd, name, kind)
}

func (defaultTracker) TrackProcess(ptr any, pid int, name, kind string) error {
	return leakcheck.TrackProcess(ptr, pid, name, kind)
}

func (defaultTracker) Untrack(ptr any) { leakcheck.Untrack(ptr) }

func (h *handle) registry() registry {
	if h.tracker != nil {
		return h.tracker
	}
	return defaultTracker{}
}

// isTracked reports whether ptr is in a tracker.
func (h *handle) isTracked() bool { return h.state.Load() == tracked }

// inTest says that this is a test binary, by the name and the flags that the go
// command gives it: those of package testing are defined only once all packages
// are initialised. Verdicts of tests compare with the descriptors of the process,
// so there it matters which one a resource has.
var inTest = slices.ContainsFunc(os.Args, func(arg string) bool {
	return strings.HasPrefix(arg, "-test.") || strings.HasSuffix(strings.TrimSuffix(arg, ".exe"), ".test")
})

// descriptorOf returns the number of the descriptor behind conn, or nowhere.
func descriptorOf(conn syscall.Conn) int {
	if conn == nil || !inTest {
		return nowhere
	}
	raw, err := conn.SyscallConn()
	if err != nil || raw == nil {
		return nowhere
	}
	number := nowhere
	_ = raw.Control(func(fd uintptr) { number = int(fd) }) // fails if it is closed
	return number
}
