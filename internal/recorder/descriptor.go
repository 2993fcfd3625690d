package recorder

import (
	"sync"
	"sync/atomic"
)

// The table has a slot for every descriptor number up to the kernel's usual
// limit, in blocks that come into being when they are needed. Numbers beyond
// are not recorded.
const (
	blockSize  = 1 << 10
	blockCount = 1 << 10
)

type block [blockSize]atomic.Pointer[Descriptor]

var table [blockCount]atomic.Pointer[block]

// slot returns the place of fd in the table, nil if it has none. With make it
// brings the place into being.
//
//go:norace
func slot(fd int, create bool) *atomic.Pointer[Descriptor] {
	if fd < 0 || fd >= blockSize*blockCount {
		return nil
	}
	b := table[fd/blockSize].Load()
	if b == nil {
		if !create {
			return nil
		}
		table[fd/blockSize].CompareAndSwap(nil, new(block))
		b = table[fd/blockSize].Load()
	}
	return &b[fd%blockSize]
}

// Opened records that the calling goroutine has opened fd. skip is how many
// calls between the caller and the line of interest are of no interest.
func Opened(fd, skip int) { opened(fd, skip+1, false) }

// Replaced records that fd has become a copy of another descriptor, as with
// dup2(2), which is the proper way to take a number over.
func Replaced(fd, skip int) { opened(fd, skip+1, true) }

func opened(fd, skip int, replaced bool) {
	d := new(Descriptor)
	d.Opened.fill(skip + 1)
	old := enter(fd, d)
	if old == nil || replaced || fd <= 2 {
		return
	}
	if closed := old.closedBehindOwner(); closed != nil {
		misused(Misuse{FD: fd, Opened: &old.Opened, Closed: closed, Reopened: &d.Opened})
	}
}

// enter makes d what is known of fd, and returns what was.
//
//go:norace
func enter(fd int, d *Descriptor) (old *Descriptor) {
	ignoreSync()
	defer heedSync()
	p := slot(fd, true)
	if p == nil {
		return nil
	}
	return p.Swap(d)
}

// lookup returns what is known of fd, nil if nothing is.
//
//go:norace
func lookup(fd int) *Descriptor {
	ignoreSync()
	defer heedSync()
	p := slot(fd, false)
	if p == nil {
		return nil
	}
	return p.Load()
}

// forget ends what is known of fd, if that is still d.
//
//go:norace
func forget(fd int, d *Descriptor) {
	ignoreSync()
	defer heedSync()
	slot(fd, false).CompareAndSwap(d, nil)
}

// Lookup returns the record of the opening of fd, nil if it is not open or was
// opened where nobody saw it.
func Lookup(fd int) *Record {
	d := lookup(fd)
	if d == nil || d.isClosed() {
		return nil
	}
	return &d.Opened
}

// Closing records that the calling goroutine is about to close fd. A
// descriptor that a finalizer closes was lost by the program.
func Closing(fd, skip int) {
	d := lookup(fd)
	if d == nil {
		return
	}
	if f := OnLost.Load(); f != nil && onFinalizer() {
		(*f)(fd, &d.Opened)
	}
	if !d.isOwned() {
		forget(fd, d)
		return
	}
	d.closeBehindOwner(newRecord(skip + 1))
}

// ClosingRange records that the calling goroutine is about to close the
// descriptors from first to last.
func ClosingRange(first, last uintptr, skip int) {
	for n := range uintptr(blockCount) {
		if table[n].Load() == nil {
			continue
		}
		for fd := max(first, n*blockSize); fd <= min(last, n*blockSize+blockSize-1); fd++ {
			Closing(int(fd), skip+1)
		}
	}
}

// Own records that the poll.FD at address owner will close fd. A descriptor
// that was opened where nobody saw it counts as opened by the caller.
func Own(fd int, owner uintptr, skip int) {
	d := lookup(fd)
	if d == nil {
		d = new(Descriptor)
		d.Opened.fill(skip + 1)
		enter(fd, d)
	}
	d.own(owner)
}

// Disown records that the poll.FD at address owner is about to close fd.
func Disown(fd int, owner uintptr) {
	if d := lookup(fd); d != nil && d.disown(owner) {
		forget(fd, d)
	}
}

// A Misuse is a descriptor number that somebody closed while an owner still
// counted on it, and that then became somebody else's: the owner will read,
// write or close what is not its own.
type Misuse struct {
	FD       int
	Opened   *Record // by the owner
	Closed   *Record // behind its back
	Reopened *Record // whose the number is now
}

// maxMisuses bounds what is kept: the first ones tell the story.
const maxMisuses = 64

var misuses struct {
	sync.Mutex
	list []Misuse
}

func misused(m Misuse) {
	misuses.Lock()
	defer misuses.Unlock()
	if len(misuses.list) < maxMisuses {
		misuses.list = append(misuses.list, m)
	}
}

// TakeMisuses returns the misuses that keep accepts and forgets them.
func TakeMisuses(keep func(Misuse) bool) []Misuse {
	misuses.Lock()
	defer misuses.Unlock()
	var taken, left []Misuse
	for _, m := range misuses.list {
		if keep(m) {
			taken = append(taken, m)
		} else {
			left = append(left, m)
		}
	}
	misuses.list = left
	return taken
}
