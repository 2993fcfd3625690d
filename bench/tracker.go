package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// Tracking is timed in pairs of Track and Untrack, each for an object of its
// own that was allocated before the clock started, and while the garbage
// collector runs as it pleases: what a pair allocates is paid for in the time
// that is measured. The stack is as deep as callDepth, and the depth that the
// tracker records is its default. What a test's owner costs is not in here
// unless the row says so: trackers are used by programs, too.
//
// The peer of a pair is what of it is the runtime's: one allocation,
// runtime.AddCleanup and Stop. It takes locks of the whole process and so
// bounds what two threads can do.
//
// All of this needs both processors, so it is measured while they are free;
// see [undisturbed].

// callDepth is how many calls deep the line is that tracks an object.
const callDepth = 10

const (
	trackerSlice  = 15 * time.Millisecond
	bareBudget    = 350 // nanoseconds
	stackBudget   = 900 // nanoseconds
	threadsBudget = 1.5 // times one thread
	memoryBudget  = 200 // bytes
)

// A block is an object to track: 64 bytes, a pointer among them.
type block struct {
	_ *block
	_ [7]uintptr
}

// Close makes a block an object whose loss would be reported.
func (*block) Close() error { return nil }

func blocks(n int) []*block {
	out := make([]*block, n)
	for i := range out {
		out[i] = new(block)
	}
	return out
}

func newTracker(stacks bool) *leakcheck.Tracker {
	t := leakcheck.NewTracker()
	if !stacks {
		t.SetStackDepth(0)
	}
	return t
}

// pair tracks and untracks.
func pair(t *leakcheck.Tracker, b *block) {
	track(t, b)
	t.Untrack(b)
}

func track(t *leakcheck.Tracker, b *block) {
	if err := t.Track(b, "", "block"); err != nil {
		panic(err)
	}
}

// pairs makes a trial of as many goroutines as there are trackers, each of
// which does n pairs: the time is that of one pair on one goroutine while the
// others do the same.
func pairs(trackers ...*leakcheck.Tracker) trial {
	return func(n int) time.Duration {
		return onEach(len(trackers), n, func(goroutine int, b *block) {
			pair(trackers[goroutine], b)
		})
	}
}

// onEach calls f with n objects on each of several goroutines, callDepth calls
// deep, and returns the time from the common start until the last is done.
func onEach(goroutines, n int, f func(goroutine int, b *block)) time.Duration {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		objects := blocks(n)
		ready.Add(1)
		done.Go(func() {
			deep(callDepth-3, func() {
				ready.Done()
				<-start
				for _, b := range objects {
					f(g, b)
				}
			})
		})
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	return time.Since(began)
}

// manyPaths makes a trial of n pairs that come on 256 different stacks, one
// after another. The calls of the path are in the time.
func manyPaths(t *leakcheck.Tracker) trial {
	return func(n int) time.Duration {
		objects := blocks(n)
		began := time.Now()
		for i, b := range objects {
			fork(i, callDepth-2, t, b)
		}
		return time.Since(began)
	}
}

// deep calls f with depth more calls on the stack.
//
//go:noinline
func deep(depth int, f func()) {
	if depth <= 1 {
		f()
		return
	}
	deep(depth-1, f)
}

// fork does a pair with depth more calls on the stack, each from one of two
// lines: the bits of path choose.
//
//go:noinline
func fork(path, depth int, t *leakcheck.Tracker, b *block) {
	if depth == 0 {
		pair(t, b)
		return
	}
	if path&1 == 0 {
		fork(path>>1, depth-1, t, b)
	} else {
		fork(path>>1, depth-1, t, b)
	}
}

// inATest makes a trial that runs t on behalf of a test.
func inATest(f trial) trial {
	return func(n int) time.Duration {
		var took time.Duration
		ownGoroutine(func() {
			var t stub
			leakcheck.Check(&t)
			took = f(n)
			t.end()
		})
		return took
	}
}

// perObject returns the bytes that a live tracked object with its stack takes
// when there are n, apart from the object. Only the first call in a process
// counts in full: the runtime keeps the memory of cleanups for the next ones.
func perObject(n int) float64 {
	t := newTracker(true)
	objects := blocks(n)
	before := inUse()
	deep(callDepth, func() {
		for _, b := range objects {
			track(t, b)
		}
	})
	after := inUse()
	for _, b := range objects {
		t.Untrack(b)
	}
	return float64(after-before) / float64(n)
}

// inUse returns the bytes in use after a collection: those of the heap, and
// those outside of it where the runtime keeps cleanups and its own tables.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.MSpanInuse + m.MCacheInuse + m.BuckHashSys + m.GCSys + m.OtherSys)
}

// cleanups makes a trial of what the runtime alone takes to notice that an
// object is collected, on as many goroutines as told: an entry to be told
// with, [runtime.AddCleanup] and Stop. No tracker that does so can be faster.
func cleanups(goroutines int) trial {
	return func(n int) time.Duration {
		return onEach(goroutines, n, func(_ int, b *block) {
			c := runtime.AddCleanup(b, func(*entry) {}, new(entry))
			c.Stop()
		})
	}
}

// An entry is the least that a tracker has to remember of an object: one cache
// line.
type entry struct {
	_ *entry
	_ [7]uintptr
}

func trackerRows(t *table) error {
	const live = 100_000
	memory := perObject(live)
	trackingRows(t, "track + untrack, no stack", false, bareBudget)
	trackingRows(t, "track + untrack, stack", true, stackBudget)
	ownedRows(t)
	t.add(row{
		what: fmt.Sprintf("memory per live object, %s of them, stack", thousands(live)),
		own:  memory, unit: inBytes, budget: budget{most: memoryBudget},
	})
	return nil
}

func trackingRows(t *table, what string, stacks bool, most float64) {
	shared := newTracker(stacks)
	trials := []trial{pairs(shared), pairs(shared, shared), cleanups(1), cleanups(2)}
	if stacks {
		trials = append(trials, manyPaths(shared))
	}
	got, busy := undisturbed(trackerSlice, trials...)
	one, two := got[0], got[1]
	t.add(row{
		what: what, own: one.median(), unit: duration,
		peer: "AddCleanup + Stop alone", peersOwn: got[2].median(), ratio: one.over(got[2]),
		budget: budget{most: most}, busy: busy,
	})
	t.add(twoThreads(what, two, one, busy))
	t.add(row{
		what: what + ", two threads", own: two.median(), unit: duration,
		peer: "AddCleanup + Stop, two threads", peersOwn: got[3].median(), ratio: two.over(got[3]), busy: busy,
	})
	if stacks {
		t.add(row{what: what + ", 256 of them", own: got[4].median(), unit: duration, budget: budget{most: most}, busy: busy})
	}
}

// twoThreads compares a pair on one goroutine while another does the same with
// a pair on the only one.
func twoThreads(what string, two, one timing, busy float64) row {
	return row{
		what: what + ", two threads", own: two.median(), unit: duration,
		peer: "one thread", peersOwn: one.median(), ratio: two.over(one),
		budget: budget{ratio: threadsBudget}, busy: busy,
	}
}

// ownedRows are those of objects that are tracked by a test.
func ownedRows(t *table) {
	const what = "track + untrack, stack, in a test"
	shared := newTracker(true)
	got, busy := undisturbed(trackerSlice, inATest(pairs(shared)), inATest(pairs(shared, shared)))
	t.add(row{what: what, own: got[0].median(), unit: duration, budget: budget{most: stackBudget}, busy: busy})
	t.add(twoThreads(what, got[1], got[0], busy))
}
