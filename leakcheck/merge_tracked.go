package leakcheck

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
)

// An object may be tracked together with the descriptor or the child process
// that it will close or wait for. A verdict that finds both names one leak: the
// object knows the line, the age and the test, the operating system the rest.

// adopt finds the tracked objects of what the ledger holds. Who tracked one is
// who opened the descriptor, so that need not be guessed any more.
func (j *judge) adopt() {
	if !j.ledger.pending() {
		return
	}
	descriptors, processes := j.tracker.numbers()
	for r, s := range j.ledger.seen {
		e := descriptors[int(r.fd.FD)]
		if r.child.PID != 0 {
			e = processes[r.child.PID]
		}
		if s.taken || e == nil || e.created < s.after {
			continue
		}
		s.entry = e
		if s.opening == nil && e.owner != nil {
			s.suspects = e.owner.windows()
		}
	}
}

// numbers returns the tracked objects by the numbers of what they will close
// or wait for.
func (t *Tracker) numbers() (descriptors, processes map[int]*entry) {
	descriptors, processes = make(map[int]*entry), make(map[int]*entry)
	for _, e := range t.snapshot(nil) {
		if n := e.fd(); n >= 0 {
			descriptors[n] = e
		}
		if n := e.pid(); n >= 0 {
			processes[n] = e
		}
	}
	return descriptors, processes
}

// live returns the tracked objects of a scope that are not closed yet. One
// whose descriptor is closed is, even if by another way than its own Close, and
// if the number is another's by now.
func (j *judge) live(s *scope) []*entry {
	return j.tracker.snapshot(func(e *entry) bool { return s.live(e) && j.mayBeOpen(e) })
}

func (j *judge) mayBeOpen(e *entry) bool {
	fd := e.fd()
	if fd < 0 {
		return true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.blind != nil {
		return true
	}
	i, open := slices.BinarySearchFunc(j.table, fd, func(k fdtable.Key, fd int) int { return int(k.FD) - fd })
	if !open {
		return false
	}
	s := j.ledger.seen[resource{fd: j.table[i]}]
	return s == nil || e.created >= s.after
}

// mergeEntry adds to the description of a descriptor or a process what is
// known from its tracked object.
func (l *Leak) mergeEntry(e *entry, now int64) {
	l.Owner = ownerName(e.owner)
	l.Age, l.AgeIsBound = time.Duration(now-e.created), false
	l.Stack = openingStack(e.trace.Frames())
}

// dropMerged removes from f the objects whose descriptors are listed: among
// the sightings, or because a finalizer closed them before the verdict. The
// latter are told by their number.
func (f *findings) dropMerged(listed []*sighting) {
	merged := make(map[*entry]bool)
	for _, g := range listed {
		if g.entry != nil {
			merged[g.entry] = true
		}
	}
	closed := make(map[int]int)
	for _, l := range f.final {
		if l.FD >= 0 && l.Kind != "misuse" {
			closed[l.FD]++
		}
	}
	f.live = slices.DeleteFunc(f.live, func(e *entry) bool { return merged[e] })
	f.lost = slices.DeleteFunc(f.lost, func(e *entry) bool { return merged[e] || take(closed, e.fd()) })
	for e := range merged {
		e.markReported()
	}
}

// takeMapped removes from f the tracked object of a mapping of the file at
// path, and returns it, nil if there is none. Package resources names it by the
// path that the file was opened with.
func (f *findings) takeMapped(path string) *entry {
	for _, list := range []*[]*entry{&f.live, &f.lost} {
		i := slices.IndexFunc(*list, func(e *entry) bool {
			abs, err := filepath.Abs(e.name)
			return e.kind() == "mapping" && err == nil && abs == path
		})
		if i >= 0 {
			e := (*list)[i]
			*list = slices.Delete(*list, i, i+1)
			e.markReported()
			return e
		}
	}
	return nil
}
