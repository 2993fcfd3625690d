package leakcheck

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
)

// patience is how long a collection waits for finalizers and cleanups. They
// take microseconds unless one of the program's blocks, and then nothing
// behind it in the queue will ever be closed.
const patience = 3 * time.Second

// collect runs the garbage collector and waits until the finalizers and
// cleanups of what it found have run. It reports whether they did. It does so
// twice: what a finalizer still referred to, and what a sync.Pool kept, goes
// only with the second collection.
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
	releaseCanaries(&sung)
	// GC returns when all is swept, and so when all finalizers and cleanups
	// are queued: see its implementation in runtime/mgc.go.
	runtime.GC()
	queue := newFinalizerQueue()
	pause := 10 * time.Microsecond
	for waited := time.Duration(0); sung.Load() < canaries || !queue.drained(); waited += pause {
		if waited > patience {
			return false
		}
		c.Sleep(pause)
		pause = min(2*pause, 5*time.Millisecond)
	}
	return true
}

// A canary is collected together with what a test dropped. It has a pointer,
// so that the tiny allocator does not put it into one block with something
// that stays.
type canary struct{ _ *canary }

const canaries = 2

// releaseCanaries makes canaries that are garbage when it returns: one with a
// finalizer, as packages os and net use them, one with a cleanup. Each adds
// one to sung.
//
//go:noinline
func releaseCanaries(sung *atomic.Int32) {
	runtime.SetFinalizer(new(canary), func(*canary) { sung.Add(1) })
	runtime.AddCleanup(new(canary), func(n *atomic.Int32) { n.Add(1) }, sung)
}

// A finalizerQueue tells when everything that was queued at some moment has
// run. The canaries alone do not: finalizers are not run in order, and
// cleanups on several goroutines.
type finalizerQueue struct {
	queued  [2]uint64
	samples [2]metrics.Sample
}

func newFinalizerQueue() *finalizerQueue {
	q := &finalizerQueue{}
	q.samples[0].Name = "/gc/finalizers/queued:finalizers"
	q.samples[1].Name = "/gc/cleanups/queued:cleanups"
	q.queued = q.read()
	q.samples[0].Name = "/gc/finalizers/executed:finalizers"
	q.samples[1].Name = "/gc/cleanups/executed:cleanups"
	return q
}

// read returns zeros for what this Go release does not count; the canaries are
// then all there is.
func (q *finalizerQueue) read() (n [2]uint64) {
	metrics.Read(q.samples[:])
	for i, s := range q.samples {
		if s.Value.Kind() == metrics.KindUint64 {
			n[i] = s.Value.Uint64()
		}
	}
	return n
}

func (q *finalizerQueue) drained() bool {
	executed := q.read()
	return executed[0] >= q.queued[0] && executed[1] >= q.queued[1]
}
