package stack

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const here = "github.com/go-leakcheck/leakcheck/internal/stack."

//go:noinline
func outer(skip, depth int) *Trace { return middle(skip, depth) }

// middle and inner are inlined into outer.
func middle(skip, depth int) *Trace { return inner(skip, depth) }

func inner(skip, depth int) *Trace { return Capture(skip, depth) }

func functions(frames []Frame) []string {
	out := []string{}
	for _, f := range frames {
		out = append(out, strings.TrimPrefix(f.Function, here))
	}
	return out
}

func TestCaptureNamesItsCallerFirst(t *testing.T) {
	want := []string{"inner", "middle", "outer", "TestCaptureNamesItsCallerFirst", "testing.tRunner", "runtime.goexit"}
	for range 2 { // unwound, then remembered
		for skip := range want {
			got := outer(skip, 20)
			assert.Equal(t, want[skip:], functions(got.Frames()), "skip %d", skip)
			assert.Len(t, got.PCs(), len(want)-skip)
		}
	}
	assert.Nil(t, outer(len(want), 20), "nothing is left")
	assert.Nil(t, outer(1000, 20))
	file := outer(0, 1).Frames()[0].File
	assert.True(t, strings.HasSuffix(file, "internal/stack/trace_test.go"), file)
}

func TestCaptureGoesAsDeepAsAsked(t *testing.T) {
	deep(2*MaxDepth, func() {
		for _, depth := range []int{1, 2, usualDepth, usualDepth + 1, MaxDepth} {
			assert.Len(t, outer(0, depth).PCs(), depth)
			assert.Equal(t, "inner", functions(outer(0, depth).Frames())[0])
			assert.Equal(t, "outer", functions(outer(2, depth).Frames())[0], "depth %d", depth)
		}
		assert.Len(t, Capture(0, 1<<30).PCs(), MaxDepth)
	})
	assert.Nil(t, Capture(0, 0))
	assert.Nil(t, Capture(0, -1))
}

func TestEqualStacksAreOneTrace(t *testing.T) {
	var same [3]*Trace
	for i := range same {
		same[i] = Capture(0, 8)
	}
	assert.Same(t, same[0], same[1])
	assert.Same(t, same[0], same[2])
	assert.NotSame(t, same[0], Capture(0, 8), "another line")
	assert.NotSame(t, outer(0, 3), outer(0, 4), "another depth")
}

// Two stacks that differ only in their outermost recorded frame are two.
func TestStacksThatPartFarOutAreTwo(t *testing.T) {
	var got [2]*Trace
	for i := range got {
		capture := func() { got[i] = Capture(0, usualDepth) }
		if i == 0 {
			deep(usualDepth-2, capture)
		} else {
			deep(usualDepth-2, capture)
		}
	}
	a, b := got[0].Frames(), got[1].Frames()
	last := usualDepth - 1
	require.Len(t, a, usualDepth)
	require.Len(t, b, usualDepth)
	assert.Equal(t, a[:last], b[:last])
	assert.Equal(t, "TestStacksThatPartFarOutAreTwo", functions(a)[last])
	assert.Equal(t, a[last].Line+2, b[last].Line)
}

func TestNoTraceHasNoFrames(t *testing.T) {
	var none *Trace
	assert.Empty(t, none.Frames())
	assert.Empty(t, none.PCs())
}

func TestPCsIsACopy(t *testing.T) {
	trace := Capture(0, 4)
	clear(trace.PCs())
	assert.NotZero(t, trace.PCs()[0])
}

func TestOneTraceForManyGoroutines(t *testing.T) {
	const goroutines, rounds = 8, 200
	var got [goroutines][rounds]*Trace
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				got[g][i] = fork(i, 0)
			}
		})
	}
	wg.Wait()
	for g := range goroutines {
		assert.Equal(t, got[0], got[g])
	}
}

// fork calls itself in two places, by the bits of path, so that every path is
// a stack of its own.
//
//go:noinline
func fork(path, level int) *Trace {
	switch {
	case level == 8:
		return Capture(0, 16)
	case path>>level&1 == 0:
		return fork(path, level+1)
	default:
		return fork(path, level+1)
	}
}

func TestForksAreDistinct(t *testing.T) {
	seen := map[*Trace]bool{}
	for path := range 256 {
		seen[fork(path, 0)] = true
	}
	assert.Len(t, seen, 256)
}

func TestInternKeepsEqualHashesApart(t *testing.T) {
	one, two := &Trace{hash: 1, pcs: []uintptr{10}}, &Trace{hash: 1, pcs: []uintptr{20}}
	two.next = one
	assert.Same(t, one, find(two, nil, 1, []uintptr{10}))
	assert.Same(t, two, find(two, nil, 1, []uintptr{20}))
	assert.Nil(t, find(two, nil, 1, []uintptr{30}))
	assert.Nil(t, find(two, one, 1, []uintptr{10}), "end is not looked at")
}

func TestOnlyANewStackAllocates(t *testing.T) {
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = outer(0, usualDepth) }))
	deep(40, func() {
		assert.Zero(t, testing.AllocsPerRun(100, func() { _ = outer(0, MaxDepth) }))
	})
}

func TestCaptureInAPanicAndInAFinalizer(t *testing.T) {
	func() {
		defer func() {
			_ = recover()
			assert.Contains(t, functions(Capture(0, 20).Frames()), "runtime.gopanic")
		}()
		var none *Trace
		_ = none.hash // a fault, not a call to panic
	}()

	got := make(chan *Trace, 1)
	func() {
		x := &struct{ self *Trace }{}
		runtime.SetFinalizer(x, func(any) { got <- Capture(0, 20) })
	}()
	for {
		runtime.GC()
		select {
		case trace := <-got:
			assert.Contains(t, functions(trace.Frames()), "runtime.runFinalizers")
			return
		default:
			runtime.Gosched()
		}
	}
}
