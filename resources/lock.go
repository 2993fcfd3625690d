package resources

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A Mutex is a [sync.Mutex] of which it is known who holds it and who waits for
// it. Its zero value is unlocked and tracked in the default tracker, under the
// line that first took it. A Mutex must not be copied after its first use.
//
// While it is held a tracker lists it, as kind "lock", with the line that took
// it, so one that is held at the end of a test is a leak. It may be unlocked by
// another goroutine. A goroutine that waits for a cycle of others is reported
// while it waits: see [OnDeadlock].
//
// A goroutine that waits for more than a millisecond is the next to have it;
// before that, one that runs may be faster. In a testing/synctest bubble Lock
// waits as that of [sync.Mutex] does; [Mutex.LockTimeout] and
// [Mutex.LockContext] wait there by the clock of the bubble, so what they wait
// for must be unlocked inside it.
type Mutex struct {
	state atomic.Pointer[lockState]
}

var _ sync.Locker = (*Mutex)(nil)

// NewMutex returns an unlocked mutex with a name, "" for that of the calling
// line. Each mutex needs one call; there is nothing to close.
func NewMutex(name string, opts ...Option) *Mutex {
	m := new(Mutex)
	m.state.Store(newLockState(name, false, opts))
	return m
}

// Lock locks m. It waits until m is free.
func (m *Mutex) Lock() { stateOf(&m.state, false).acquire(false) }

// TryLock locks m if that is possible at once, and reports whether it did.
func (m *Mutex) TryLock() bool { return stateOf(&m.state, false).tryAcquire(false) }

// LockTimeout locks m unless that takes longer than d. The error says who holds
// m, where and for how long; it wraps [context.DeadlineExceeded]. A d of 0 or
// less does not wait.
func (m *Mutex) LockTimeout(d time.Duration) error {
	return stateOf(&m.state, false).acquireTimeout(d, false)
}

// LockContext locks m unless ctx is done first, or already. The error says who
// holds m, where and for how long; it wraps that of ctx.
func (m *Mutex) LockContext(ctx context.Context) error {
	return stateOf(&m.state, false).acquireContext(ctx, false)
}

// Unlock unlocks m. If m is not locked the program ends as it does with a
// [sync.Mutex].
func (m *Mutex) Unlock() {
	if l := m.state.Load(); l == nil || !l.giveBack(false) {
		new(sync.Mutex).Unlock() // the runtime's own fatal error
	}
}

func newLockState(name string, rw bool, opts []Option) *lockState {
	o := optionsOf(opts)
	if o.name != "" {
		name = o.name
	}
	l := &lockState{name: name, rw: rw, tracker: o.tracker}
	if tracks() {
		l.note()
	}
	return l
}

// stateOf returns what p points to, and sees that there is something.
func stateOf(p *atomic.Pointer[lockState], rw bool) *lockState {
	if l := p.Load(); l != nil {
		return l
	}
	return makeState(p, rw)
}

func makeState(p *atomic.Pointer[lockState], rw bool) *lockState {
	p.CompareAndSwap(nil, &lockState{rw: rw})
	return p.Load()
}
