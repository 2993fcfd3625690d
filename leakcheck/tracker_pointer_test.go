package leakcheck

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatCannotBeTrackedIsRefused(t *testing.T) {
	var none *lease
	for _, c := range []struct {
		what   string
		value  any
		advice string
	}{
		{"nil", nil, "after the error check"},
		{"nil *leakcheck.lease", none, "after the error check"},
		{"leakcheck.lease", lease{}, "pass a pointer"},
		{"int", 3, "pass a pointer"},
		{"string", "file", "pass a pointer"},
		{"*struct {}", &struct{}{}, "give the type a field"},
		{"*[0]int", &[0]int{}, "give the type a field"},
		{"func()", func() {}, "pass a pointer to the object that owns it"},
		{"map[int]int (map)", map[int]int{}, "pass a pointer to the object that owns it"},
		{"chan int (chan)", make(chan int), "pass a pointer to the object that owns it"},
		{"[]uint8 (slice)", []byte("x"), "pass a pointer to the object that owns it"},
		{"unsafe.Pointer", unsafe.Pointer(new(lease)), "pass a typed pointer"},
	} {
		tr := NewTracker()
		err := tr.Track(c.value, "x", "y")
		if assert.Error(t, err, c.what) {
			assert.Contains(t, err.Error(), "leakcheck: cannot track ")
			assert.Contains(t, err.Error(), c.what)
			assert.Contains(t, err.Error(), c.advice)
		}
		assert.Empty(t, tr.Live(), "nothing of %s may stay behind", c.what)
		assert.Zero(t, tr.lastSeq())
	}
}

var atPackageLevel lease

func TestAPackageVariableLeavesByUntrackOnly(t *testing.T) {
	tr := NewTracker()
	require.NoError(t, tr.Track(&atPackageLevel, "global", ""))
	runtime.GC()
	assert.Len(t, tr.Live(), 1)
	tr.Untrack(&atPackageLevel)
	assert.Empty(t, tr.Live())
}

func TestTheTrackerItselfCanBeTracked(t *testing.T) {
	tr := NewTracker()
	require.NoError(t, tr.Track(tr, "tracker", ""))
	assert.Len(t, tr.Live(), 1)
	tr.Untrack(tr)
	assert.Empty(t, tr.Live())
}

func TestFieldsAreObjectsOfTheirOwnButTheFirst(t *testing.T) {
	x := &struct {
		a, b lease
	}{}
	tr := NewTracker()
	require.NoError(t, tr.Track(x, "x", ""))
	require.NoError(t, tr.Track(&x.b, "b", ""))
	assert.Len(t, tr.Live(), 2)
	require.NoError(t, tr.Track(&x.a, "a", ""))
	assert.Equal(t, []string{"a", "b"}, names(tr.Live()), "a struct and its first field are one object")
	tr.Untrack(&x.b)
	tr.Untrack(x)
	assert.Empty(t, tr.Live())
}

func TestAnElementOfASliceCanBeTracked(t *testing.T) {
	tr, xs := NewTracker(), make([]lease, 3)
	for i := range xs {
		require.NoError(t, tr.Track(&xs[i], "", ""))
	}
	assert.Len(t, tr.Live(), 3)
	tr.Untrack(&xs[1])
	assert.Equal(t, []string{"obj-1", "obj-3"}, names(tr.Live()))
	runtime.KeepAlive(xs)
}
