package leakcheck

import (
	"runtime"
	"slices"

	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// An opening is what was recorded when something was opened: when, on whose
// behalf, from where.
type opening struct {
	seq     uint64 // orders openings
	when    int64  // on the clock
	owner   *owner // nil if the goroutine had none
	pcs     []uintptr
	creator uintptr  // of the goroutine: the go statement
	cause   *opening // where another goroutine handed over the work, nil if none did
}

// place sets in l where o happened: the calls that led to it, folded as a
// reader wants them. Where the stack is all standard library, that is where
// another goroutine handed the work over, or else the outermost call and the go
// statement that it began with.
func (o *opening) place(l *Leak) {
	all := callsOf(o.pcs)
	for _, k := range connectionKinds {
		if slices.ContainsFunc(all, func(f stack.Frame) bool { return f.Function == k.opener }) {
			l.via = k.opener
		}
	}
	if !standardOnly(all) || o.creator == 0 && o.cause == nil {
		l.Stack = openingStack(all)
		return
	}
	if o.cause != nil {
		o.cause.place(l)
		return
	}
	l.Stack = openingStack(all)
	if started := callsOf([]uintptr{o.creator}); len(started) > 0 {
		l.CreatedBy = Frame(started[0])
	}
}

// frames is place for one who wants the calls only.
func (o *opening) frames() []Frame {
	var l Leak
	o.place(&l)
	return l.Stack
}

// standardOnly reports whether a stack says nothing of the program: all calls
// are the standard library's.
func standardOnly(all []stack.Frame) bool {
	return !slices.ContainsFunc(all, func(f stack.Frame) bool { return !stack.Standard(stack.Package(f.Function), f.File) })
}

func callsOf(pcs []uintptr) []stack.Frame {
	if len(pcs) == 0 {
		return nil
	}
	var all []stack.Frame
	calls := runtime.CallersFrames(pcs)
	for {
		f, more := calls.Next()
		if f.PC != 0 {
			all = append(all, stack.Frame{Function: f.Function, File: f.File, Line: f.Line})
		}
		if !more {
			return all
		}
	}
}

// openings knows who opened what. It is there only where the standard library
// was built to record that: see attached.go. Every method returns nil for what
// was opened where nobody saw it.
type openings interface {
	descriptor(fd int) *opening
	process(pid int) *opening
	mappings() []recordedMapping
	// takeMisuses removes what keep accepts from the misuses seen so far.
	takeMisuses(keep func(misuse) bool) []misuse
}

// A recordedMapping is a range of memory that a file was mapped to.
type recordedMapping struct {
	start, end uint64
	opening    *opening
}

// openingOf returns the record of r, nil if there is none. One that is older
// than since, when a look did not show r, is about something else that had the
// number, and was closed where nobody saw it.
func (j *judge) openingOf(r resource, since int64) *opening {
	if j.openings == nil {
		return nil
	}
	var o *opening
	if r.child.PID != 0 {
		o = j.openings.process(r.child.PID)
	} else {
		o = j.openings.descriptor(int(r.fd.FD))
	}
	if o == nil || o.when < since {
		return nil
	}
	return o
}

// reopened finds what the records tell more about than the tables: descriptors
// that were closed since the last look and opened again on the same file under
// the same number, for a deleted file's inode number is soon another's; and
// what the last look saw in the moment between its opening and the record.
func (j *judge) reopened(suspects []*window) {
	if j.openings == nil {
		return
	}
	for r, s := range j.ledger.seen {
		o := j.openingOf(r, s.since)
		switch {
		case o == nil, s.opening != nil && o.seq == s.opening.seq:
		case s.opening == nil && s.taken: // a verdict has said whose it is
		default:
			j.ledger.closed(r)
			j.enter(r, o, s.since, suspects)
		}
	}
}

// opened enters what a look shows for the first time.
func (j *judge) opened(r resource, suspects []*window) {
	j.enter(r, j.openingOf(r, j.lookBegan), j.lookBegan, suspects)
}

// enter enters r, which was not there at the time since. If o says who opened
// it the owner is known; if not, it was one of suspects.
func (j *judge) enter(r resource, o *opening, since int64, suspects []*window) {
	if o == nil {
		j.ledger.opened(r, j.looked, suspects).since = since
		return
	}
	if o.owner == forProcess {
		return
	}
	s := j.ledger.opened(r, o.when, o.owner.windows())
	s.since, s.opening = since, o
}
