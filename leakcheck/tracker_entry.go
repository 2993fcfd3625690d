package leakcheck

import (
	"cmp"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// An entry is one acquisition of one object. Once it is in its shard nothing
// changes but the flags, and the link, which is the shard's. It has no
// reference to the object. Its fields fill the allocator's class of 96 bytes;
// one more costs 16 per tracked object.
type entry struct {
	next    *entry // in the shard
	addr    uintptr
	seq     uint64 // of this acquisition, unique in the tracker, rising
	place   uint64 // seq of the object's first acquisition without an Untrack between
	created int64  // clock.Now
	name    string // as given, often empty; see info
	owner   *owner
	trace   *stack.Trace
	cleanup runtime.Cleanup

	kindID uint32
	flags  atomic.Uint32
}

const (
	flagCloser    = 1 << iota // the object has a Close() error method
	flagReported              // see markReported
	flagExcusable             // see excusable
	flagProcess               // the number is a child process, not a descriptor
	flagTold                  // the program tracks it, see linked.go

	flagBits = 8 // above them stands that number plus one
)

// maxNumber bounds the numbers of descriptors and processes that an entry can
// have; Linux has none beyond 1<<22.
const maxNumber = 1<<(32-flagBits) - 1

// fd returns the number of the descriptor that the object closes, -1 for none.
func (e *entry) fd() int { return e.number(0) }

// pid returns the child process that the object waits for, -1 for none.
func (e *entry) pid() int { return e.number(flagProcess) }

func (e *entry) number(of uint32) int {
	flags := e.flags.Load()
	if flags&flagProcess != of {
		return -1
	}
	return int(flags>>flagBits) - 1
}

// closer reports whether the object has a Close() error method, so that its
// collection is a loss.
func (e *entry) closer() bool { return e.flags.Load()&flagCloser != 0 }

// reported reports whether markReported was called.
func (e *entry) reported() bool { return e.flags.Load()&flagReported != 0 }

// markReported notes that a report lists e, and returns whether this is the
// first to do so.
func (e *entry) markReported() bool { return e.flags.Or(flagReported)&flagReported == 0 }

// excuses holds, by entry, the functions that say an object needs no closing
// any more. Few entries have one.
var excuses sync.Map

// excusable makes f the excuse of e.
func (e *entry) excusable(f func() bool) {
	excuses.Store(e, f)
	e.flags.Or(flagExcusable)
}

// excused reports whether e has an excuse that holds.
func (e *entry) excused() bool {
	if e.flags.Load()&flagExcusable == 0 {
		return false
	}
	f, ok := excuses.Load(e)
	return ok && f.(func() bool)()
}

func (e *entry) forgetExcuse() {
	if e.flags.Load()&flagExcusable != 0 {
		excuses.Delete(e)
	}
}

// kind returns the kind given to Track.
func (e *entry) kind() string { return kindName(e.kindID) }

// info returns what users see of e. The name of an object that was given none
// is made here, so that nobody pays for it who does not look.
func (e *entry) info() Info {
	name := e.name
	if name == "" {
		name = "obj-" + strconv.FormatUint(e.place, 10)
	}
	return Info{
		Name:    name,
		Kind:    e.kind(),
		Created: clock.Wall(e.created),
		Owner:   ownerName(e.owner),
		Stack:   Stack{e.trace},
	}
}

// release ends an entry that was taken out of its shard while its object was
// alive, as far as one can know: for a dead one Stop has no effect.
func (e *entry) release() {
	e.cleanup.Stop()
	e.disown()
	e.forgetExcuse()
}

// disown takes e off its owner's account.
func (e *entry) disown() { e.owner.addLive(-1) }

func bySeq(a, b *entry) int { return cmp.Compare(a.seq, b.seq) }
