package resources

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// lockCalls is how many calls are noted each time a lock is taken: enough to
// tell who took it, few enough to be cheap.
const lockCalls = 8

// barging is how long, in nanoseconds, those who come may take a free lock
// before one who waits. It is what package sync allows: to hand a lock over
// each time costs a switch of goroutines.
const barging = 1e6

// A lockState is what a Mutex or RWMutex points to.
type lockState struct {
	name    string
	tracker *leakcheck.Tracker // nil is the default one
	rw      bool

	once  sync.Once
	noted atomic.Bool      // what follows is known
	first leakcheck.Origin // where it was made, or first taken

	word   atomic.Uint32 // of the bits below
	writer lockHold      // if the word says wordKnown

	mu      sync.Mutex  // held for a few instructions, see freeze; guards what follows
	readers int         // how many
	held    []*lockHold // of the readers that are known, with spare ones behind
	queue   []*lockWait
	foreign bool // it was given back by another goroutine than the one that took it
}

// The bits of lockState.word. The word of a lock that is free and that nobody
// waits for is 0, and that of one that is held is wordLocked, with wordKnown if
// it is tracked: those who lock and unlock for writing need nothing but a
// compare-and-swap between the two. Only with wordFrozen is mu needed.
const (
	wordLocked uint32 = 1 << iota // for writing
	wordKnown                     // writer says who has it
	wordFrozen                    // only who has mu may change wordLocked
)

// freeze takes mu and sees that nobody locks or unlocks without it.
func (l *lockState) freeze() {
	l.mu.Lock()
	if l.word.Load()&wordFrozen == 0 {
		l.word.Or(wordFrozen)
	}
}

// thaw ends what freeze began. The lock stays frozen where one who unlocks has
// more to do than to say so.
func (l *lockState) thaw() {
	if !l.rw && len(l.queue) == 0 && !l.writer.entered {
		l.word.And(^wordFrozen)
	}
	l.mu.Unlock()
}

// locked reports whether l, which is frozen, is locked for writing.
func (l *lockState) locked() bool { return l.word.Load()&wordLocked != 0 }

// known returns the hold of the one who has l, which is frozen, for writing,
// nil if there is none or nothing is known of it.
func (l *lockState) known() *lockHold {
	if l.word.Load()&wordKnown == 0 {
		return nil
	}
	return &l.writer
}

// A lockHold is one acquisition. It is what a tracker has an entry of.
type lockHold struct {
	goroutine int64 // 0 is not known: tracking is off
	origin    leakcheck.Origin
	entered   bool // it is in the tracker; only a frozen lock has such a hold
}

// A lockWait is a goroutine in a queue.
type lockWait struct {
	lock      *lockState
	shared    bool
	endless   bool
	goroutine int64
	origin    leakcheck.Origin
	since     int64
	granted   bool
	awake     bool // it was told to try again
	parking
}

func newLockWait(l *lockState, shared bool, r request) *lockWait {
	return &lockWait{lock: l, shared: shared, goroutine: r.goroutine, origin: r.origin, since: clock.Now()}
}

// A request is what a goroutine that wants a lock knows of itself, nothing
// where tracking is off.
type request struct {
	goroutine int64
	origin    leakcheck.Origin
}

// request is called by what the exported methods call.
func (l *lockState) request() request {
	if !tracks() {
		return request{}
	}
	if !l.noted.Load() {
		l.note()
	}
	return request{goroutineID(), leakcheck.Here(3, lockCalls)}
}

// note makes l known, once.
func (l *lockState) note() {
	l.once.Do(func() {
		l.first = leakcheck.Here(0, 2*lockCalls)
		l.noted.Store(true)
		l.list()
	})
}

// now returns r with the present moment.
func (r request) now() *request {
	r.origin = r.origin.Now()
	return &r
}

// free reports whether a lock can be had at once. Those who want to read queue
// behind one who wants to write, as they do in package sync.
func (l *lockState) free(shared bool) bool {
	if shared {
		return !l.locked() && !slices.ContainsFunc(l.queue, func(w *lockWait) bool { return !w.shared })
	}
	return !l.locked() && l.readers == 0
}

// try takes the lock if it is free.
func (l *lockState) try(shared bool, r *request) bool {
	if !shared && l.tryFast(r) {
		return true
	}
	l.freeze()
	free := l.free(shared)
	if free {
		l.take(shared, r)
	}
	l.thaw()
	return free
}

// tryFast is try, for writing, without mu. It reports false also where mu is
// needed to know.
func (l *lockState) tryFast(r *request) bool {
	if l.word.Load() != 0 {
		return false
	}
	if r.goroutine == 0 {
		return l.word.CompareAndSwap(0, wordLocked)
	}
	if l.tracksAtOnce() || !l.word.CompareAndSwap(0, wordLocked) {
		return false
	}
	// Nobody looks at the writer before the word says that it is known.
	l.writer.goroutine = r.goroutine
	l.writer.origin = r.origin
	if !l.word.CompareAndSwap(wordLocked, wordLocked|wordKnown) {
		l.word.Or(wordKnown) // it was frozen meanwhile
	}
	return true
}

// tracksAtOnce reports whether nobody asks for what is held.
func (l *lockState) tracksAtOnce() bool {
	return l.tracker == nil && !leakcheck.DefaultTracker().AsksSources()
}

// take notes who has the lock from now on.
func (l *lockState) take(shared bool, r *request) {
	if shared {
		l.readers++
		if r.goroutine != 0 {
			l.hold(l.spareHold(), r)
		}
		return
	}
	if r.goroutine == 0 {
		l.word.Or(wordLocked)
		return
	}
	l.hold(&l.writer, r)
	l.word.Or(wordLocked | wordKnown)
}

// hold notes in h who has the lock.
func (l *lockState) hold(h *lockHold, r *request) {
	h.goroutine, h.origin = r.goroutine, r.origin
	if l.tracksAtOnce() {
		l.trackNow(h)
	}
}

// spareHold returns the hold of one more reader.
func (l *lockState) spareHold() *lockHold {
	n := len(l.held)
	if n < cap(l.held) {
		if h := l.held[:n+1][n]; h != nil {
			l.held = l.held[:n+1]
			return h
		}
	}
	l.held = append(l.held, new(lockHold))
	return l.held[n]
}

// giveBack ends a hold. It reports false if there is none.
func (l *lockState) giveBack(shared bool) bool {
	return !shared && l.giveBackFast() || l.giveBackFrozen(shared)
}

func (l *lockState) giveBackFrozen(shared bool) bool {
	l.freeze()
	defer l.thaw()
	if shared {
		if l.readers == 0 {
			return false
		}
		l.readers--
		l.endRead()
	} else {
		if !l.locked() {
			return false
		}
		if h := l.known(); h != nil {
			l.end(h)
		}
		l.word.And(^(wordLocked | wordKnown))
	}
	if len(l.queue) > 0 {
		l.next()
	}
	return true
}

// giveBackFast is giveBack, for writing, without mu. It reports false also
// where there is more to do.
func (l *lockState) giveBackFast() bool {
	switch l.word.Load() {
	case wordLocked:
		return l.word.CompareAndSwap(wordLocked, 0)
	case wordLocked | wordKnown:
		return l.writer.goroutine == goroutineID() && l.word.CompareAndSwap(wordLocked|wordKnown, 0)
	}
	return false
}

// endRead ends the latest hold of the calling goroutine. If it has none, and
// all who have one are known, it gives back another's, the oldest.
func (l *lockState) endRead() {
	if len(l.held) == 0 {
		return
	}
	id, at := goroutineID(), -1
	for i, h := range l.held {
		if h.goroutine == id {
			at = i
		}
	}
	if at < 0 {
		if len(l.held) <= l.readers {
			return // it is one that was not noted
		}
		at = 0
	}
	h := l.held[at]
	l.end(h)
	// The hold goes behind the others, to be used again.
	copy(l.held[at:], l.held[at+1:])
	l.held[len(l.held)-1] = h
	l.held = l.held[:len(l.held)-1]
}

// end forgets who had the lock.
func (l *lockState) end(h *lockHold) {
	if h.goroutine != goroutineID() {
		l.foreign = true
	}
	if h.entered {
		l.untrack(h)
	}
	h.goroutine = 0
}

// next gives the lock to those at the head of the queue who can have it.
func (l *lockState) next() {
	for len(l.queue) > 0 {
		w := l.queue[0]
		if l.locked() || !w.shared && l.readers > 0 {
			return
		}
		if !w.shared && clock.Now()-w.since < barging {
			if !w.awake {
				w.awake = true
				w.wake()
			}
			return
		}
		l.leave(w)
		l.grant(w)
	}
}

// grant makes w the one who has the lock.
func (l *lockState) grant(w *lockWait) {
	w.granted = true
	l.take(w.shared, w.request().now())
	if !w.awake {
		w.awake = true
		w.wake()
	}
}

// leave takes w out of the queue.
func (l *lockState) leave(w *lockWait) {
	if i := slices.Index(l.queue, w); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
}

// enqueue puts w at the end of the queue. It reports false if the lock was free
// by now and is w's.
func (l *lockState) enqueue(w *lockWait) bool {
	l.freeze()
	defer l.thaw()
	if l.free(w.shared) {
		l.take(w.shared, w.request().now())
		return false
	}
	l.queue = append(l.queue, w)
	return true
}

// retry reports whether w, which was woken, has the lock now.
func (l *lockState) retry(w *lockWait) bool {
	l.freeze()
	defer l.thaw()
	if w.granted {
		return true
	}
	w.awake = false
	if l.locked() || !w.shared && l.readers > 0 {
		return false
	}
	l.leave(w)
	l.take(w.shared, w.request().now())
	return true
}

func (w *lockWait) request() request { return request{w.goroutine, w.origin} }

// abandon takes w, who waits no longer, out of the queue. It reports false if w
// was given the lock in the last moment.
func (l *lockState) abandon(w *lockWait) bool {
	l.freeze()
	defer l.thaw()
	if w.granted {
		return false
	}
	l.leave(w)
	l.next()
	return true
}
