package recorder

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// down calls f some calls further down, by one of two ways at each.
//
//go:noinline
func down(calls, ways int, f func()) {
	if calls == 0 {
		f()
		return
	}
	if ways&1 == 0 {
		down(calls-1, ways>>1, f)
	} else {
		down(calls-1, ways>>1, f)
	}
}

// names are the lines of a stack, as the runtime tells them.
func lines(pcs []uintptr) (all []int) {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		all = append(all, f.Line)
		if !more {
			return all
		}
	}
}

func TestARememberedStackIsWhatTheRuntimeSays(t *testing.T) {
	for range 3 {
		for ways := range 64 {
			down(6, ways, func() {
				got, want := callers(0), unwind(0)
				// The two calls stand on one line.
				assert.Equal(t, lines(want), lines(got), "ways %b", ways)
			})
		}
	}
}

func TestADeepStackIsCut(t *testing.T) {
	for range 2 {
		down(100, 0, func() { assert.Len(t, callers(0), Depth) })
		down(100, 1, func() { assert.Len(t, callers(3), Depth) })
	}
}

func TestWhichChainsAreTrusted(t *testing.T) {
	var buf [1 + Depth + wrappers]uintptr
	n := walk(&buf[1], len(buf)-1)
	if n <= 0 {
		t.Skip("frame pointers are not followed here")
	}
	key, pcs := buf[:1+n], unwind(0)
	require.Less(t, n, Depth+wrappers, "the stack of a test is short")
	assert.True(t, trustworthy(key, pcs))
	assert.False(t, trustworthy(key[:len(key)-1], pcs), "it ends in the middle of the stack")
	assert.False(t, trustworthy([]uintptr{0, 1, 2, 3}, pcs), "it ends nowhere")
	assert.False(t, trustworthy(make([]uintptr, len(buf)), pcs), "it has nothing in common with the stack")
}

// TestWalkIsThatOfPackageStack: the recorder may not import it.
func TestWalkIsThatOfPackageStack(t *testing.T) {
	ours, err := os.ReadFile("walk_amd64.s")
	require.NoError(t, err)
	theirs, err := os.ReadFile("../stack/walk_amd64.s")
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(string(theirs), " && !leakcheck_noasm", "", 1), string(ours))
}

func BenchmarkCallers(b *testing.B) {
	down(10, 0, func() {
		b.Run("remembered", func(b *testing.B) {
			for b.Loop() {
				callers(0)
			}
		})
		b.Run("unwound", func(b *testing.B) {
			for b.Loop() {
				unwind(0)
			}
		})
	})
}
