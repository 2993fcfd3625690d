package leakcheck

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
)

// canaryPatience is how long a collection waits for its canaries. They sing
// within microseconds unless a finalizer of the program blocks, and then
// nothing behind it in the queue will ever be closed.
const canaryPatience = time.Second

// A canary is collected together with what a test dropped. It has a pointer,
// so that the tiny allocator does not put it into one block with something
// that stays.
type canary struct{ _ *canary }

// collect runs the garbage collector and waits until finalizers and cleanups
// of what it found have run. It reports whether they did.
//
// The finalizers of one collection are queued while it sweeps and run by one
// goroutine in batches, so one canary's finalizer may run before its
// neighbour's; the canary of a second collection runs after all of the first.
func collect(c clock.Clock) bool {
	for range 2 {
		if !collectOnce(c) {
			return false
		}
	}
	return true
}

// collectOnce avoids channels: the caller may be in a synctest bubble, which
// the finalizer goroutine is not.
func collectOnce(c clock.Clock) bool {
	var sung atomic.Int32
	release(&sung)
	runtime.GC()
	pause := 10 * time.Microsecond
	for waited := time.Duration(0); sung.Load() < 2; waited += pause {
		if waited > canaryPatience {
			return false
		}
		c.Sleep(pause)
		pause = min(2*pause, 5*time.Millisecond)
	}
	return true
}

// release makes two canaries that are garbage when it returns: one with a
// finalizer, as package os and net use them, one with a cleanup.
//
//go:noinline
func release(sung *atomic.Int32) {
	runtime.SetFinalizer(new(canary), func(*canary) { sung.Add(1) })
	runtime.AddCleanup(new(canary), func(n *atomic.Int32) { n.Add(1) }, sung)
}
