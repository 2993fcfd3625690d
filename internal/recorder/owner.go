package recorder

import (
	"slices"
	"sync"
)

// A Descriptor is what is known of an open descriptor.
type Descriptor struct {
	Opened Record

	mu     sync.Mutex
	owner  uintptr   // the poll.FD that will close it, by address, 0 for none
	others []uintptr // and others that will, which is a mistake
	closed *Record   // it was closed, though an owner still counts on it
}

//go:norace
func (d *Descriptor) lock() {
	ignoreSync()
	d.mu.Lock()
}

//go:norace
func (d *Descriptor) unlock() {
	d.mu.Unlock()
	heedSync()
}

//go:norace
func (d *Descriptor) isOwned() bool {
	d.lock()
	defer d.unlock()
	return d.owner != 0 || len(d.others) > 0
}

//go:norace
func (d *Descriptor) isClosed() bool {
	d.lock()
	defer d.unlock()
	return d.closed != nil
}

//go:norace
func (d *Descriptor) own(owner uintptr) {
	d.lock()
	defer d.unlock()
	switch {
	case d.owner == owner || slices.Contains(d.others, owner):
	case d.owner == 0:
		d.owner = owner
	default:
		d.others = clone(append(slices.Clone(d.others), owner))
	}
}

// disown takes owner off, and reports whether that was the last who counted on
// a descriptor that has been closed.
//
//go:norace
func (d *Descriptor) disown(owner uintptr) bool {
	d.lock()
	defer d.unlock()
	if d.owner == owner {
		d.owner = 0
	} else if i := slices.Index(d.others, owner); i >= 0 {
		d.others = clone(slices.Delete(slices.Clone(d.others), i, i+1))
	}
	return d.closed != nil && d.owner == 0 && len(d.others) == 0
}

// closeBehindOwner records that the descriptor was closed though it is owned.
// The first time is the one that matters.
//
//go:norace
func (d *Descriptor) closeBehindOwner(r *Record) {
	d.lock()
	defer d.unlock()
	if d.closed == nil {
		d.closed = r
	}
}

// closedBehindOwner returns what closeBehindOwner recorded, if an owner still
// counts on the descriptor.
//
//go:norace
func (d *Descriptor) closedBehindOwner() *Record {
	d.lock()
	defer d.unlock()
	if d.owner == 0 && len(d.others) == 0 {
		return nil
	}
	return d.closed
}
