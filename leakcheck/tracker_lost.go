package leakcheck

import (
	"slices"
	"sync"
)

// lostMax bounds the lost entries that a tracker remembers, for a program
// that loses objects for weeks and is never asked.
const lostMax = 1024

// lostList remembers the newest lost entries of a tracker. Its lock is taken
// after that of a shard, never before.
type lostList struct {
	mu      sync.Mutex
	entries []*entry // in the order in which their collection was noticed
	dropped uint64   // pushed out by newer ones
}

// add remembers e and marks its owner. The mark of an entry that is pushed out
// stays, so that no owner looks clean because another lost much.
func (l *lostList) add(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.owner.addLost(1)
	if len(l.entries) == lostMax {
		l.entries = slices.Delete(l.entries, 0, 1)
		l.dropped++
	}
	l.entries = append(l.entries, e)
}

// take removes the entries that keep accepts, all if it is nil, and returns
// them. keep runs without the lock.
func (l *lostList) take(keep func(*entry) bool) []*entry {
	wanted := make(map[*entry]bool)
	for _, e := range l.list() {
		wanted[e] = keep == nil || keep(e)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var taken []*entry
	l.entries = slices.DeleteFunc(l.entries, func(e *entry) bool {
		if !wanted[e] {
			return false
		}
		taken = append(taken, e)
		e.owner.addLost(-1)
		return true
	})
	return taken
}

func (l *lostList) list() []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}
