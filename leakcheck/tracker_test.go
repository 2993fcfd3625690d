package leakcheck

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lease has a lifetime and no Close.
type lease struct {
	id   int
	next *lease
}

// handle has a Close() error.
type handle struct {
	id int
	_  *handle
}

func (*handle) Close() error { return nil }

func names(infos []Info) []string {
	out := []string{}
	for _, i := range infos {
		out = append(out, i.Name)
	}
	return out
}

func TestTrackGivesOneLiveEntry(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	require.NoError(t, tr.Track(x, "db", "lease"))
	live := tr.Live()
	require.Len(t, live, 1)
	assert.Equal(t, "db", live[0].Name)
	assert.Equal(t, "lease", live[0].Kind)
	assert.Empty(t, live[0].Owner)
	tr.Untrack(x)
	assert.Empty(t, tr.Live())
	runtime.KeepAlive(x)
}

func TestTheZeroTrackerIsReady(t *testing.T) {
	var tr Tracker
	x := new(lease)
	assert.Empty(t, tr.Live())
	tr.Untrack(x)
	tr.Clear()
	require.NoError(t, tr.Track(x, "x", ""))
	assert.Len(t, tr.Live(), 1)
	runtime.KeepAlive(x)
}

func TestNameDefaultsToANumberOfItsOwn(t *testing.T) {
	tr, x, y := NewTracker(), new(lease), new(lease)
	require.NoError(t, tr.Track(x, "", "lease"))
	require.NoError(t, tr.Track(y, "", "lease"))
	before := names(tr.Live())
	assert.Equal(t, []string{"obj-1", "obj-2"}, before)
	require.NoError(t, tr.Track(x, "", "lease"))
	assert.Equal(t, before, names(tr.Live()), "an object keeps its name")
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

func TestKindMayBeEmpty(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	require.NoError(t, tr.Track(x, "x", ""))
	assert.Empty(t, tr.Live()[0].Kind)
	runtime.KeepAlive(x)
}

func TestRetrackReplacesAndOneUntrackEndsIt(t *testing.T) {
	tr, x, y := NewTracker(), new(lease), new(lease)
	require.NoError(t, tr.Track(x, "first", "a"))
	require.NoError(t, tr.Track(y, "other", ""))
	first := tr.Live()[0]
	require.NoError(t, tr.Track(x, "second", "b"))

	live := tr.Live()
	require.Equal(t, []string{"second", "other"}, names(live), "it keeps its place")
	assert.Equal(t, "b", live[0].Kind)
	assert.True(t, live[0].Created.After(first.Created), "it has a new time")
	assert.Equal(t, []string{"other", "second"}, entryNames(tr.snapshot(nil)), "its sequence number is new")

	tr.Untrack(x)
	assert.Equal(t, []string{"other"}, names(tr.Live()))
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

func entryNames(entries []*entry) []string {
	out := []string{}
	for _, e := range entries {
		out = append(out, e.name)
	}
	return out
}

func TestIdentityNotEquality(t *testing.T) {
	tr, x, y := NewTracker(), &lease{id: 7}, &lease{id: 7}
	require.Equal(t, x, y)
	require.NoError(t, tr.Track(x, "x", ""))
	require.NoError(t, tr.Track(y, "y", ""))
	x.id = 8
	tr.Untrack(x)
	assert.Equal(t, []string{"y"}, names(tr.Live()))
	runtime.KeepAlive(y)
}

func TestUntrackOfTheUnknownDoesNothing(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	require.NoError(t, tr.Track(x, "x", ""))
	var none *lease
	for _, v := range []any{new(lease), nil, none, 3, "x", *x, &struct{}{}, []int{1}} {
		tr.Untrack(v)
	}
	assert.Len(t, tr.Live(), 1)
	tr.Untrack(x)
	tr.Untrack(x)
	assert.Empty(t, tr.Live())
}

func TestLiveIsACopyInInsertionOrder(t *testing.T) {
	tr := NewTracker()
	var keep []*lease
	var want []string
	for i := range 300 {
		x := &lease{id: i}
		keep = append(keep, x)
		want = append(want, fmt.Sprint("n", i))
		require.NoError(t, tr.Track(x, want[i], ""))
	}
	live := tr.Live()
	assert.Equal(t, want, names(live))
	live[0].Name = "changed"
	clear(live[1:])
	assert.Equal(t, want, names(tr.Live()))
	runtime.KeepAlive(keep)
}

func TestClearForgetsWithoutTouching(t *testing.T) {
	tr, x, y := NewTracker(), &handle{id: 1}, &handle{id: 2}
	require.NoError(t, tr.Track(x, "x", ""))
	require.NoError(t, tr.Track(y, "y", ""))
	tr.Clear()
	assert.Empty(t, tr.Live())
	assert.Equal(t, 1, x.id)
	tr.Untrack(x)

	require.NoError(t, tr.Track(x, "again", ""))
	assert.Equal(t, []string{"again"}, names(tr.Live()))
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

func TestTrackersAreIsolated(t *testing.T) {
	a, b, x := NewTracker(), NewTracker(), new(lease)
	require.NoError(t, a.Track(x, "in a", ""))
	require.NoError(t, b.Track(x, "in b", ""))
	a.Untrack(x)
	assert.Empty(t, a.Live())
	assert.Equal(t, []string{"in b"}, names(b.Live()))
	a.Clear()
	assert.Len(t, b.Live(), 1)
	runtime.KeepAlive(x)
}

func TestPackageFunctionsUseTheDefaultTracker(t *testing.T) {
	x := new(lease)
	since := standard.lastSeq()
	mine := func(e *entry) bool { return e.seq > since && e.name == "of this test" }
	require.NoError(t, Track(x, "of this test", "lease"))
	assert.Len(t, standard.snapshot(mine), 1)
	Untrack(x)
	assert.Empty(t, standard.snapshot(mine))
	runtime.KeepAlive(x)
}

func TestFiveGoroutinesOfTwenty(t *testing.T) {
	const goroutines, each = 5, 20
	tr := NewTracker()
	objects := make([]*lease, goroutines*each)
	for i := range objects {
		objects[i] = &lease{id: i}
	}
	everywhere := func(f func(*lease)) {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for _, x := range objects[g*each : (g+1)*each] {
					f(x)
				}
			})
		}
		wg.Wait()
	}
	everywhere(func(x *lease) { assert.NoError(t, tr.Track(x, "", "lease")) })
	assert.Len(t, tr.Live(), goroutines*each)
	everywhere(func(x *lease) { tr.Untrack(x) })
	assert.Empty(t, tr.Live())
	runtime.KeepAlive(objects)
}

func TestSnapshotIsFilteredAndOrdered(t *testing.T) {
	tr := NewTracker()
	var keep []*lease
	for i := range 100 {
		x := &lease{id: i}
		keep = append(keep, x)
		require.NoError(t, tr.Track(x, "", ""))
	}
	assert.EqualValues(t, 100, tr.lastSeq())
	got := tr.snapshot(func(e *entry) bool { return e.seq > 90 })
	require.Len(t, got, 10)
	for i, e := range got {
		assert.EqualValues(t, 91+i, e.seq)
	}
	runtime.KeepAlive(keep)
}

func TestAnEntryTakenOutHoldsNoOther(t *testing.T) {
	tr := NewTracker()
	keep := make([]lease, 3000)
	for i := range keep {
		require.NoError(t, tr.Track(&keep[i], "", ""))
	}
	entries := tr.snapshot(nil)
	for i := range keep[:1000] {
		tr.Untrack(&keep[i])
	}
	for i := range keep[1000:2000] {
		require.NoError(t, tr.Track(&keep[1000+i], "", ""))
	}
	linked := func(e *entry) bool { return e.next != nil }
	assert.False(t, slices.ContainsFunc(entries[:2000], linked), "untracked or replaced")
	tr.Clear()
	assert.False(t, slices.ContainsFunc(entries, linked))
}

func TestMarkReportedIsTrueOnce(t *testing.T) {
	e := new(entry)
	assert.False(t, e.reported())
	assert.True(t, e.markReported())
	assert.False(t, e.markReported())
	assert.True(t, e.reported())
	assert.False(t, e.closer(), "the flags are apart")
}

func TestStackDepth(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	depth := func() int {
		require.NoError(t, tr.Track(x, "", ""))
		return len(tr.Live()[0].Stack.Frames())
	}
	deep(100, func() {
		for _, c := range []struct{ set, want int }{{1, 1}, {32, 32}, {64, 64}, {0, 0}, {-1, 0}} {
			tr.SetStackDepth(c.set)
			assert.Equal(t, c.want, depth(), "depth %d", c.set)
		}
	})
	deep(400, func() {
		tr.SetStackDepth(1 << 30)
		assert.Equal(t, 256, depth())
	})
	deep(100, func() {
		var fresh Tracker
		require.NoError(t, fresh.Track(x, "", ""))
		assert.Len(t, fresh.Live()[0].Stack.Frames(), 32, "the default")
	})
}

func TestStackBeginsWithTheCaller(t *testing.T) {
	const here = module + "/leakcheck.TestStackBeginsWithTheCaller"
	x := new(lease)
	tr := NewTracker()
	require.NoError(t, tr.Track(x, "", ""))
	assert.Equal(t, here, tr.Live()[0].Stack.Frames()[0].Function)

	require.NoError(t, Track(x, "stack of this test", ""))
	defer Untrack(x)
	got := standard.snapshot(func(e *entry) bool { return e.name == "stack of this test" })
	require.Len(t, got, 1)
	assert.Equal(t, here, got[0].info().Stack.Frames()[0].Function)
}
