package leakcheck

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// defaultStackDepth is how many frames a tracker records unless told
// otherwise: enough to reach from a driver's connection to the test.
const defaultStackDepth = 32

// A Tracker is a registry of objects with a lifetime: files, connections,
// locks held, leases, anything that somebody must give back. It does not keep
// them alive: an object that is collected while tracked leaves by itself, and
// if it has a Close() error method it counts as lost, for nobody called that.
//
// The zero value is ready to use, as is what [NewTracker] returns. Trackers
// know nothing of each other. All methods may be called from any goroutine,
// from finalizers and cleanups, and inside a testing/synctest bubble. A
// Tracker must not be copied.
//
// An object is identified by its address, so these are one object: a struct
// and its first field, an array and its first element. Other fields are
// objects of their own. Pointers to package-level variables and to memory
// that is not Go's (a mapping, C) may be tracked; they are never collected and
// leave by [Tracker.Untrack] only. Objects below 16 bytes without pointers
// share blocks of memory: the collection of one is noticed when its whole
// block is free, which may be never: even their own name may share it.
//
// An object whose own finalizer calls Untrack is not lost: the tracker cannot
// tell who called.
type Tracker struct {
	once   sync.Once
	shards [shardCount]shard
	gone   func(*entry)

	seq     atomic.Uint64
	cleared atomic.Uint64 // entries up to this sequence number were forgotten
	depth   atomic.Int64  // of stacks; 0 is the default, negative none
	lost    lostList
	onLost  lostHook
}

// standard is the tracker behind the package's own functions.
var standard Tracker

// Track calls [Tracker.Track] of the default tracker, the one that every
// verdict of this package looks at.
func Track(ptr any, name, kind string) error {
	if err := standard.track(ptr, name, kind, 1); err != nil {
		return err
	}
	return trackLinked(ptr, name, kind)
}

// Untrack calls [Tracker.Untrack] of the default tracker.
func Untrack(ptr any) {
	standard.Untrack(ptr)
	untrackLinked(ptr)
}

// TrackDescriptor calls [Tracker.TrackDescriptor] of the default tracker.
func TrackDescriptor(ptr any, fd int, name, kind string) error {
	if err := standard.trackDescriptor(ptr, fd, name, kind, 1); err != nil {
		return err
	}
	return trackLinkedDescriptor(ptr, fd, name, kind)
}

// TrackProcess calls [Tracker.TrackProcess] of the default tracker.
func TrackProcess(ptr any, pid int, name, kind string) error {
	if err := standard.trackProcess(ptr, pid, name, kind, 1); err != nil {
		return err
	}
	return trackLinkedProcess(ptr, pid, name, kind)
}

// DefaultTracker returns the tracker behind [Track] and [Untrack]. What is
// tracked in it by its own methods is judged like the rest, but not under
// leakcheck test.
func DefaultTracker() *Tracker { return &standard }

// NewTracker returns an empty tracker that shares nothing with others.
func NewTracker() *Tracker { return new(Tracker) }

// Track records that the object ptr points to is in use from now on, under a
// name (by default obj- and a number) and a kind such as "lease", which may be
// empty. Kinds are kept for the life of the process, so they should be few.
//
// An object that is tracked already gets the new name, kind, time, stack and
// owner; it keeps its place in the order of [Tracker.Live], and one Untrack
// ends it.
//
// The error is not nil, and nothing is recorded, if ptr is nil, is not a
// pointer, or points to a type of size zero, since all such values may have
// one address. It says what to pass instead.
func (t *Tracker) Track(ptr any, name, kind string) error { return t.track(ptr, name, kind, 1) }

// TrackDescriptor is [Tracker.Track] for an object that will close the
// descriptor fd. If both are left open, a verdict lists them as one leak: with
// the age, the owner and the line of the object, and what the operating system
// knows of the descriptor. The error is not nil, and nothing is recorded, also
// if fd is negative or beyond 1<<24.
func (t *Tracker) TrackDescriptor(ptr any, fd int, name, kind string) error {
	return t.trackDescriptor(ptr, fd, name, kind, 1)
}

func (t *Tracker) trackDescriptor(ptr any, fd int, name, kind string, skip int) error {
	return t.trackNumber(ptr, fd, 0, name, kind, skip+1)
}

// TrackProcess is [Tracker.Track] for an object that will wait for the child
// process pid: like TrackDescriptor, it makes one leak of the two.
func (t *Tracker) TrackProcess(ptr any, pid int, name, kind string) error {
	return t.trackProcess(ptr, pid, name, kind, 1)
}

func (t *Tracker) trackProcess(ptr any, pid int, name, kind string, skip int) error {
	return t.trackNumber(ptr, pid, flagProcess, name, kind, skip+1)
}

func (t *Tracker) trackNumber(ptr any, number int, flag uint32, name, kind string, skip int) error {
	if number < 0 || number >= maxNumber {
		return fmt.Errorf("leakcheck: tracking %s %q: %d is not the number of a descriptor or a process; Track takes objects without one", kind, name, number)
	}
	e, err := t.enter(ptr, name, kind, skip+1)
	if err == nil {
		e.flags.Or(uint32(number+1)<<flagBits | flag)
	}
	return err
}

// track does the work for a function that is skip calls away from the line to
// be recorded.
func (t *Tracker) track(ptr any, name, kind string, skip int) error {
	_, err := t.enter(ptr, name, kind, skip+1)
	return err
}

// enter is track, and returns the entry.
func (t *Tracker) enter(ptr any, name, kind string, skip int) (*entry, error) {
	return t.enterFrom(ptr, name, kind, clock.Now(), currentOwner(), stack.Capture(skip+1, t.stackDepth()))
}

// enterFrom is enter with what is known of the opening.
func (t *Tracker) enterFrom(ptr any, name, kind string, created int64, o *owner, trace *stack.Trace) (*entry, error) {
	obj, err := pointee(ptr)
	if err != nil {
		return nil, err
	}
	t.once.Do(t.prepare)
	e := &entry{
		addr:    uintptr(obj),
		created: created,
		name:    name,
		owner:   o,
		trace:   trace,
		kindID:  kindID(kind),
	}
	if _, ok := ptr.(interface{ Close() error }); ok {
		e.flags.Store(flagCloser)
	}
	e.cleanup = watch(obj, t.gone, e)
	e.owner.addLive(1)
	if old := t.shard(e.addr).put(e, &t.seq); old != nil {
		old.release()
	}
	runtime.KeepAlive(ptr)
	return e, nil
}

// Untrack ends what Track began. For an object that is not tracked, and for
// anything that cannot be, it does nothing.
func (t *Tracker) Untrack(ptr any) {
	obj, err := pointee(ptr)
	if err != nil {
		return
	}
	addr := uintptr(obj)
	if e := t.shard(addr).remove(addr); e != nil {
		e.release()
	}
	// The object must outlive the removal of its cleanup: a cleanup that runs
	// all the same is the proof that an object was collected while tracked.
	runtime.KeepAlive(ptr)
}

// Live returns what is tracked at the moment, in the order in which it was
// first tracked. The slice is the caller's own. What other goroutines track
// and untrack meanwhile may or may not be in it.
func (t *Tracker) Live() []Info {
	entries := t.snapshot(nil)
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.place, b.place) })
	infos := make([]Info, len(entries))
	for i, e := range entries {
		infos[i] = e.info()
	}
	return infos
}

// Len returns how many objects are tracked at the moment.
func (t *Tracker) Len() int {
	t.gather()
	n := 0
	for i := range t.shards {
		n += t.shards[i].len()
	}
	return n
}

// OnLost has f called, on a goroutine of its own, for each object with a
// Close() error method that is collected while tracked, from now on; nil ends
// that. Calls follow each other; those that come in while f runs wait in a
// queue of some hundred, beyond which they are dropped.
func (t *Tracker) OnLost(f func(Info)) { t.onLost.set(f) }

// Clear forgets everything that is tracked or lost, without touching the
// objects. The tracker can be used as before.
func (t *Tracker) Clear() {
	t.gather()
	t.cleared.Store(t.seq.Load())
	for i := range t.shards {
		for _, e := range t.shards[i].takeAll() {
			e.release()
		}
	}
	t.lost.take(nil)
}

// SetStackDepth sets how many calls are recorded with an object that is
// tracked from now on: 0 or less records none, which saves most of the time
// that tracking takes; the default is 32; above 256 counts as 256.
func (t *Tracker) SetStackDepth(n int) {
	if n <= 0 {
		n = -1
	}
	t.depth.Store(int64(n))
}

func (t *Tracker) stackDepth() int {
	if n := t.depth.Load(); n != 0 {
		return int(n)
	}
	return defaultStackDepth
}

// snapshot returns the live entries that keep accepts, by sequence number,
// all of them if keep is nil. No lock is held while keep runs.
func (t *Tracker) snapshot(keep func(*entry) bool) []*entry {
	t.gather()
	var entries []*entry
	for i := range t.shards {
		entries = t.shards[i].appendTo(entries)
	}
	if keep != nil {
		entries = slices.DeleteFunc(entries, func(e *entry) bool { return !keep(e) })
	}
	slices.SortFunc(entries, bySeq)
	return entries
}

// takeLost removes from the lost entries those that keep accepts and returns
// them, by sequence number, all of them if keep is nil. No lock is held while
// keep runs; of two callers who want one entry, one gets it.
//
// The lost counter of an owner falls by one for each entry returned. What it
// still shows when all of an owner's were taken are those that the bound of
// the list pushed out.
func (t *Tracker) takeLost(keep func(*entry) bool) []*entry {
	entries := t.lost.take(keep)
	slices.SortFunc(entries, bySeq)
	return entries
}

// lastSeq returns the sequence number of the latest Track, 0 before the first.
func (t *Tracker) lastSeq() uint64 {
	t.gather()
	return t.seq.Load()
}

// prepare makes the one function value that all cleanups of t share.
func (t *Tracker) prepare() { t.gone = t.collect }

// collect runs when an object was collected while its entry was live or,
// since an address is used again at once, was just replaced by that of the
// next object there. It never runs for an entry that was untracked or
// replaced by its own object: then its cleanup was stopped in time.
func (t *Tracker) collect(e *entry) {
	s := t.shard(e.addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	// First lost, then no longer live: the owner is never clean in between.
	if e.closer() && e.seq > t.cleared.Load() {
		t.lost.add(e)
		t.onLost.tell(e)
	}
	if s.entries == 0 {
		return
	}
	if at := s.find(e.addr); *at == e {
		s.unlink(at)
		e.disown()
	}
}
