package resources

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// An RWMutex is a [sync.RWMutex] of which it is known who holds it and who waits
// for it, as with a [Mutex]. Those who hold it for reading are listed as kind
// "rlock". Its zero value is unlocked and tracked in the default tracker. An
// RWMutex must not be copied after its first use.
//
// The lock goes to those who wait in the order in which they came; whoever wants
// to read waits behind one who wants to write. A goroutine that already reads
// must therefore not call RLock again: where a writer came in between, both wait
// for ever, which is reported as a deadlock.
//
// RUnlock ends the latest RLock of the calling goroutine, and if it has none the
// oldest one.
type RWMutex struct {
	state atomic.Pointer[lockState]
}

var _ sync.Locker = (*RWMutex)(nil)

// NewRWMutex returns an unlocked lock with a name, "" for that of the calling
// line. There is nothing to close.
func NewRWMutex(name string, opts ...Option) *RWMutex {
	m := new(RWMutex)
	m.state.Store(newLockState(name, true, opts))
	return m
}

// Lock locks m for writing. It waits until nobody else has it.
func (m *RWMutex) Lock() { stateOf(&m.state, true).acquire(false) }

// TryLock locks m for writing if that is possible at once, and reports whether
// it did.
func (m *RWMutex) TryLock() bool { return stateOf(&m.state, true).tryAcquire(false) }

// LockTimeout is [Mutex.LockTimeout] for writing.
func (m *RWMutex) LockTimeout(d time.Duration) error {
	return stateOf(&m.state, true).acquireTimeout(d, false)
}

// LockContext is [Mutex.LockContext] for writing.
func (m *RWMutex) LockContext(ctx context.Context) error {
	return stateOf(&m.state, true).acquireContext(ctx, false)
}

// Unlock ends what Lock began. If m is not locked for writing the program ends
// as it does with a [sync.RWMutex].
func (m *RWMutex) Unlock() {
	if l := m.state.Load(); l == nil || !l.giveBack(false) {
		new(sync.RWMutex).Unlock() // the runtime's own fatal error
	}
}

// RLock locks m for reading. It waits until nobody has it, or came before, for
// writing.
func (m *RWMutex) RLock() { stateOf(&m.state, true).acquire(true) }

// TryRLock locks m for reading if that is possible at once, and reports whether
// it did.
func (m *RWMutex) TryRLock() bool { return stateOf(&m.state, true).tryAcquire(true) }

// RLockTimeout is [Mutex.LockTimeout] for reading.
func (m *RWMutex) RLockTimeout(d time.Duration) error {
	return stateOf(&m.state, true).acquireTimeout(d, true)
}

// RLockContext is [Mutex.LockContext] for reading.
func (m *RWMutex) RLockContext(ctx context.Context) error {
	return stateOf(&m.state, true).acquireContext(ctx, true)
}

// RUnlock ends what RLock began. If m is not locked for reading the program ends
// as it does with a [sync.RWMutex].
func (m *RWMutex) RUnlock() {
	if l := m.state.Load(); l == nil || !l.giveBack(true) {
		new(sync.RWMutex).RUnlock() // the runtime's own fatal error
	}
}

// RLocker returns a Locker whose Lock and Unlock are m's RLock and RUnlock.
func (m *RWMutex) RLocker() sync.Locker { return (*readLocker)(m) }

type readLocker RWMutex

func (r *readLocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *readLocker) Unlock() { (*RWMutex)(r).RUnlock() }
