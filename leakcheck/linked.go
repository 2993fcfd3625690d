//go:build !leakcheck_attached

package leakcheck

import (
	"encoding/json"
	"flag"
	"os"
	"time"
)

// linked is what this package sees of the copy of itself that `leakcheck test`
// links into a test binary. That copy knows who opened what, so it judges, and
// this one only tells it what the program tracks and what the options accept.
// The two may be of different versions, so nothing but what is in the standard
// library passes between them.
type linked interface {
	// Track and Untrack are those of the default tracker.
	Track(ptr any, name, kind string, skip int) error
	Untrack(ptr any)
	// Accept adds to the options of the test that the calling goroutine works
	// for, or of all tests. A negative grace is none. ignore is called with a
	// [Leak] as JSON.
	Accept(all bool, grace time.Duration, allowLost bool, ignore func(leak []byte) bool)
	// Present makes what is open now, or was at an earlier call that returned
	// the same value, part of what the options of the test accept.
	Present() (now any)
	AcceptPresent(all bool, now any)
}

// linkedFlag is the flag under which the copy is found: both know package flag,
// and a test binary has flags anyway.
const linkedFlag = "test.leakcheck"

// underCommand says that leakcheck test started this process, or one that did.
var underCommand = os.Getenv("LEAKCHECK_DIR") != ""

// linkedCopy returns the copy, nil if there is none. It does not read flags
// where there can be none, for a program may be defining some, and it looks each
// time, for the copy may be initialized later than what asks.
func linkedCopy() linked {
	if !underCommand {
		return nil
	}
	f := flag.Lookup(linkedFlag)
	if f == nil {
		return nil
	}
	l, _ := f.Value.(linked)
	return l
}

// judgedElsewhere reports whether verdicts are those of the copy.
func judgedElsewhere() bool { return linkedCopy() != nil }

// tellLinked passes options on to the copy and reports whether there is one.
func tellLinked(all bool, opts []Option) bool {
	l := linkedCopy()
	if l == nil {
		return false
	}
	cfg := newConfig(opts)
	grace := cfg.grace
	if grace == DefaultGrace {
		grace = -1
	}
	l.Accept(all, grace, cfg.allowLost, func(text []byte) bool {
		var leak Leak
		return json.Unmarshal(text, &leak) == nil && (cfg.mode == modeOff || cfg.ignores(leak))
	})
	for _, p := range cfg.present {
		if p.linked != nil {
			l.AcceptPresent(all, p.linked)
		}
	}
	return true
}

// trackLinked tells the copy what the default tracker tracks.
func trackLinked(ptr any, name, kind string) error {
	if l := linkedCopy(); l != nil {
		return l.Track(ptr, name, kind, 2)
	}
	return nil
}

// trackLinkedDescriptor is trackLinked for a copy that knows about descriptors
// of objects.
func trackLinkedDescriptor(ptr any, fd int, name, kind string) error {
	l := linkedCopy()
	if d, ok := l.(interface {
		TrackDescriptor(ptr any, fd int, name, kind string, skip int) error
	}); ok {
		return d.TrackDescriptor(ptr, fd, name, kind, 2)
	}
	if l != nil {
		return l.Track(ptr, name, kind, 2)
	}
	return nil
}

// trackLinkedProcess is trackLinked for a copy that knows about the processes
// of objects.
func trackLinkedProcess(ptr any, pid int, name, kind string) error {
	l := linkedCopy()
	if p, ok := l.(interface {
		TrackProcess(ptr any, pid int, name, kind string, skip int) error
	}); ok {
		return p.TrackProcess(ptr, pid, name, kind, 2)
	}
	if l != nil {
		return l.Track(ptr, name, kind, 2)
	}
	return nil
}

func untrackLinked(ptr any) {
	if l := linkedCopy(); l != nil {
		l.Untrack(ptr)
	}
}

// presentLinked is what the copy sees open now.
func presentLinked() any {
	if l := linkedCopy(); l != nil {
		return l.Present()
	}
	return nil
}
