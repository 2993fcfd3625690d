package leakcheck

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// collectUntil collects garbage until done. Cleanups run on goroutines of
// their own some time after a collection, in no order.
func collectUntil(t *testing.T, done func() bool, what string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		runtime.GC()
		if done() {
			return
		}
	}
	t.Fatal("not seen after many collections: ", what)
}

// drop tracks n objects made by fresh and keeps none of them.
//
//go:noinline
func drop(tb testing.TB, tr *Tracker, n int, fresh func(i int) any) {
	for i := range n {
		require.NoError(tb, tr.Track(fresh(i), fmt.Sprint("n", i), ""))
	}
}

func freshHandle(i int) any { return &handle{id: i} }
func freshLease(i int) any  { return &lease{id: i} }

// lostIn counts what a tracker lost, remembered or not.
func lostIn(tr *Tracker) int {
	tr.lost.mu.Lock()
	defer tr.lost.mu.Unlock()
	return len(tr.lost.entries) + int(tr.lost.dropped)
}

func TestACollectedObjectLeavesByItself(t *testing.T) {
	tr, kept := NewTracker(), new(lease)
	require.NoError(t, tr.Track(kept, "kept", ""))
	drop(t, tr, 10, freshLease)
	collectUntil(t, func() bool { return len(tr.Live()) == 1 }, "ten objects gone")
	assert.Equal(t, []string{"kept"}, names(tr.Live()))
	assert.Empty(t, tr.takeLost(nil), "what has no Close is not lost but gone")
	runtime.KeepAlive(kept)
}

func TestAnObjectWithCloseIsLostWhenCollected(t *testing.T) {
	tr := NewTracker()
	drop(t, tr, 3, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) == 3 }, "three lost")
	assert.Empty(t, tr.Live())

	got := tr.takeLost(func(e *entry) bool { return e.name == "n1" })
	assert.Equal(t, []string{"n1"}, entryNames(got))
	assert.Equal(t, []string{"n0", "n2"}, entryNames(tr.takeLost(nil)))
	assert.Empty(t, tr.takeLost(nil), "taken is taken")
}

func TestAnUntrackedObjectIsNotLost(t *testing.T) {
	tr := NewTracker()
	func() {
		for range 100 {
			x := new(handle)
			require.NoError(t, tr.Track(x, "", ""))
			require.NoError(t, tr.Track(x, "retracked", ""))
			tr.Untrack(x)
		}
	}()
	drop(t, tr, 1, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) > 0 }, "the one that was dropped")
	runtime.GC()
	assert.Equal(t, []string{"n0"}, entryNames(tr.takeLost(nil)))
}

func TestClearStopsTheCleanups(t *testing.T) {
	tr := NewTracker()
	drop(t, tr, 1, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) == 1 }, "one lost")
	drop(t, tr, 100, freshHandle)
	tr.Clear()
	assert.Zero(t, lostIn(tr))
	drop(t, tr, 1, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) > 0 }, "the one tracked after Clear")
	runtime.GC()
	assert.Equal(t, 1, lostIn(tr))
}

// The allocator gives a freed slot to the next object at once, often before
// the cleanup of the previous one ran.
func TestAReusedAddressIsAnotherObject(t *testing.T) {
	const n = 10_000
	tr := NewTracker()
	tr.SetStackDepth(0)
	for i := range n {
		require.NoError(t, tr.Track(&handle{id: i}, "", ""))
		if i%500 == 0 {
			runtime.GC()
		}
	}
	kept := make([]*handle, 1000)
	for i := range kept {
		kept[i] = new(handle)
		require.NoError(t, tr.Track(kept[i], "kept", ""))
	}
	collectUntil(t, func() bool { return lostIn(tr) == n }, "every one of them lost")
	assert.Len(t, tr.Live(), len(kept))
	for _, e := range tr.snapshot(nil) {
		assert.Equal(t, "kept", e.name)
	}
	runtime.KeepAlive(kept)
}

func TestTheCleanupOfTheOldLeavesTheNew(t *testing.T) {
	tr, x := NewTracker(), new(handle)
	require.NoError(t, tr.Track(x, "old", ""))
	old := tr.snapshot(nil)[0]
	require.NoError(t, tr.Track(x, "new", ""))
	tr.collect(old)
	assert.Equal(t, []string{"new"}, names(tr.Live()))
	assert.Equal(t, []string{"old"}, entryNames(tr.takeLost(nil)))
	runtime.KeepAlive(x)
}

// Names are constants here: one made at run time may share the block of the
// object it names, and then keeps it.
func TestTinyObjectsStayUntilTheirBlockIsFree(t *testing.T) {
	const n = 64
	tr := NewTracker()
	kept := make([]*int32, n)
	func() {
		for i := range kept {
			kept[i] = new(int32)
			require.NoError(t, tr.Track(kept[i], "kept", ""))
			require.NoError(t, tr.Track(new(int32), "dropped", ""))
		}
	}()
	runtime.GC()
	runtime.GC()
	live := tr.snapshot(func(e *entry) bool { return e.name == "kept" })
	assert.Len(t, live, n, "what is in use stays, whatever shares its block")
	for _, x := range kept {
		tr.Untrack(x)
	}
	for _, name := range names(tr.Live()) {
		assert.Equal(t, "dropped", name)
	}
	kept = nil
	collectUntil(t, func() bool { return len(tr.Live()) == 0 }, "the blocks free")
}

func TestUntrackLeavesNothingBehind(t *testing.T) {
	tr, x := NewTracker(), new(handle)
	cycles := func(n int) {
		for range n {
			require.NoError(t, tr.Track(x, "", "lease"))
			tr.Untrack(x)
		}
	}
	cycles(1000)
	before := inUse()
	cycles(100_000)
	assert.Less(t, inUse()-before, int64(512<<10), "bytes after 100,000 cycles; one byte each would be 100,000")
	runtime.KeepAlive(x)
}

func TestTheLostListIsBounded(t *testing.T) {
	const n = lostMax + 500
	tr := NewTracker()
	drop(t, tr, n, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) == n }, "all lost")
	assert.EqualValues(t, n-lostMax, tr.lost.dropped)
	assert.Len(t, tr.takeLost(nil), lostMax)
}

// asOwner runs f on a goroutine that belongs to a new owner.
func asOwner(name string, f func()) *owner {
	var o *owner
	var wg sync.WaitGroup
	wg.Go(func() {
		o = newOwner(name)
		f()
	})
	wg.Wait()
	return o
}

func TestAnOwnersAccount(t *testing.T) {
	tr, x, y := NewTracker(), new(handle), new(lease)
	o := asOwner("TestOfTheOwner", func() {
		require.NoError(t, tr.Track(x, "x", ""))
		require.NoError(t, tr.Track(x, "x again", ""))
		require.NoError(t, tr.Track(y, "y", ""))
		drop(t, tr, 2, freshHandle)
	})
	if currentOwnerUnknown(tr) {
		t.Skip("no owners in this build")
	}
	assert.Equal(t, "TestOfTheOwner", tr.Live()[0].Owner)
	collectUntil(t, func() bool { return o.lost.Load() == 2 }, "two lost")
	assert.EqualValues(t, 2, o.live.Load())
	require.NoError(t, tr.Track(x, "", ""))
	assert.EqualValues(t, 1, o.live.Load(), "tracked again by nobody")
	tr.Untrack(y)
	assert.Zero(t, o.live.Load())
	assert.Len(t, tr.takeLost(func(e *entry) bool { return e.owner == o }), 2)
	assert.Zero(t, o.lost.Load())
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

func currentOwnerUnknown(tr *Tracker) bool { return tr.snapshot(nil)[0].owner == nil }

func TestClearSettlesAnOwnersAccount(t *testing.T) {
	tr, x := NewTracker(), new(handle)
	o := asOwner("owner", func() {
		require.NoError(t, tr.Track(x, "", ""))
		drop(t, tr, 3, freshHandle)
	})
	collectUntil(t, func() bool { return len(tr.Live()) == 1 }, "three lost")
	tr.Clear()
	assert.Zero(t, o.live.Load())
	assert.Zero(t, o.lost.Load())
	runtime.KeepAlive(x)
}

func TestTrackingFromFinalizersAndCleanups(t *testing.T) {
	tr := NewTracker()
	var ran atomic.Int64
	var kept sync.Map
	use := func() {
		x := new(handle)
		kept.Store(x, true)
		if tr.Track(x, "", "") == nil {
			tr.Untrack(x)
			_ = tr.Live()
			tr.takeLost(nil)
			ran.Add(1)
		}
	}
	func() {
		for i := range 50 {
			x := &handle{id: i}
			require.NoError(t, tr.Track(x, "", ""))
			runtime.AddCleanup(x, func(int) { use() }, i)
			y := &handle{id: i}
			require.NoError(t, tr.Track(y, "", ""))
			runtime.SetFinalizer(y, func(y *handle) {
				tr.Untrack(y)
				use()
			})
		}
	}()
	collectUntil(t, func() bool { return ran.Load() == 100 && len(tr.Live()) == 0 }, "all of them used the tracker")
}

func TestTheTrackerMayBeUsedWhileItIsRead(t *testing.T) {
	tr, x, y := NewTracker(), new(handle), new(handle)
	require.NoError(t, tr.Track(x, "x", ""))
	again := func(*entry) bool {
		assert.NoError(t, tr.Track(y, "y", ""))
		_ = tr.Live()
		tr.Untrack(y)
		return true
	}
	assert.Len(t, tr.snapshot(again), 1)
	drop(t, tr, 1, freshHandle)
	collectUntil(t, func() bool { return lostIn(tr) == 1 }, "one lost")
	assert.Len(t, tr.takeLost(again), 1)
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

func TestManyGoroutinesAndTheCollector(t *testing.T) {
	tr := NewTracker()
	var done atomic.Bool
	var wg, churn sync.WaitGroup
	for range 4 {
		churn.Go(func() {
			for i := range 2000 {
				x := &handle{id: i}
				assert.NoError(t, tr.Track(x, "", ""))
				if i%2 == 0 {
					tr.Untrack(x)
				}
			}
		})
	}
	wg.Go(func() {
		for !done.Load() {
			runtime.GC()
			_ = tr.Live()
		}
	})
	churn.Wait()
	done.Store(true)
	wg.Wait()
	collectUntil(t, func() bool { return lostIn(tr) == 4000 }, "every second one lost")
	assert.Empty(t, tr.Live())
}
