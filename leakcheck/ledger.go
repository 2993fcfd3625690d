package leakcheck

import (
	"slices"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A resource is something the operating system holds for this process: a
// descriptor or a child. Exactly one field is set.
type resource struct {
	fd    fdtable.Key
	child process.Child
}

// A sighting is a resource that was not there at the baseline: when it was
// first seen, and who may have opened it.
type sighting struct {
	resource
	seq      uint64
	after    int64     // it was opened after this moment, on the clock
	since    int64     // its record is no older than this
	suspects []*window // who ran between that moment and the first sighting
	opening  *opening  // nil where nobody recorded it
	entry    *entry    // the tracked object that will close it, nil if there is none
	lost     *Leak     // what it was when a finalizer closed it
	taken    bool      // a verdict has it in hand
	shared   bool      // tests ran beside it that the ledger does not know
	gone     bool
}

// over reports whether every test that may have opened s has ended.
func (s *sighting) over() bool {
	return !slices.ContainsFunc(s.suspects, func(w *window) bool { return w.state != ended })
}

// A ledger holds what has been opened since the baseline and is still there.
type ledger struct {
	seen map[resource]*sighting
	next uint64
}

func (l *ledger) opened(r resource, after int64, suspects []*window) *sighting {
	if l.seen == nil {
		l.seen = make(map[resource]*sighting)
	}
	l.next++
	s := &sighting{resource: r, seq: l.next, after: after, suspects: suspects}
	l.seen[r] = s
	return s
}

// openedBy returns the sighting of what o opened, nil if there is none.
func (l *ledger) openedBy(o *opening) *sighting {
	for _, s := range l.seen {
		if s.opening != nil && s.opening.seq == o.seq {
			return s
		}
	}
	return nil
}

func (l *ledger) closed(r resource) {
	if s := l.seen[r]; s != nil {
		s.gone = true
		delete(l.seen, r)
	}
}

// pending reports whether there is something that no verdict has in hand.
func (l *ledger) pending() bool {
	for _, s := range l.seen {
		if !s.taken {
			return true
		}
	}
	return false
}

// take returns what no verdict has in hand yet and keep wants, in the order of
// the first sighting, and marks it as taken.
func (l *ledger) take(keep func(*sighting) bool) []*sighting {
	var out []*sighting
	for _, s := range l.seen {
		if !s.taken && keep(s) {
			s.taken = true
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *sighting) int { return int(a.seq) - int(b.seq) })
	return out
}
