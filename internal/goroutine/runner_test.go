package goroutine

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// family dumps and returns the calling goroutine and the one that started it.
func family(t testing.TB) (me, parent Goroutine) {
	gs := Dump()
	for _, g := range gs {
		if g.ID == gs[0].Parent {
			return gs[0], g
		}
	}
	require.Fail(t, "no parent in the dump")
	return
}

func assertFamily(t testing.TB, wantMe, wantParent Runner) {
	t.Helper()
	me, parent := family(t)
	assert.Equal(t, wantMe, me.Runner(), me.Raw)
	assert.Equal(t, wantParent, parent.Runner(), parent.Raw)
	assert.Equal(t, wantMe != NotRunner, me.TestRunner())
	assert.False(t, me.OfRuntime())
	assert.Equal(t, wantParent == Waits, parent.OfRuntime())
}

func TestRunnerOfATest(t *testing.T) {
	assertFamily(t, Busy, Waits)
	t.Cleanup(func() { assertFamily(t, Busy, Waits) })
	t.Run("sub", func(t *testing.T) { assertFamily(t, Busy, Waits) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		assertFamily(t, NotRunner, Busy)
		t.Run("from a goroutine of the user", func(t *testing.T) { assertFamily(t, Busy, Waits) })
	}()
	<-done
}

func TestRunnerOfParallelTests(t *testing.T) {
	t.Run("group", func(t *testing.T) {
		t.Run("parallel", func(t *testing.T) {
			t.Parallel()
			assertFamily(t, Busy, Waits)
		})
		paused := 0
		for _, g := range Dump() {
			if g.Runner() == Paused {
				paused++
				assert.True(t, g.TestRunner())
				assert.True(t, g.OfRuntime())
			}
		}
		assert.Equal(t, 1, paused)
	})
}

func TestRunnerOfABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		assertFamily(t, Busy, Waits)
		waits := 0
		for _, g := range Dump() {
			if g.Bubble && g.Runner() == Waits {
				waits++
			}
		}
		assert.Equal(t, 2, waits, "the test outside and the goroutine the bubble begins with")
	})
}

func TestRunnersOfABubblesTrace(t *testing.T) {
	runners := make(map[int64]Runner)
	for id, g := range byID(t, "bubble.txt") {
		runners[id] = g.Runner()
		assert.Equal(t, id != 1, g.Bubble)
		assert.Equal(t, runners[id] == Waits, g.OfRuntime())
	}
	assert.Equal(t, map[int64]Runner{1: Waits, 8: Waits, 9: Waits, 10: Busy, 11: NotRunner}, runners)
}

func TestRunnerOfABenchmark(t *testing.T) {
	result := testing.Benchmark(func(b *testing.B) {
		assertFamily(b, Busy, Waits)
		b.SkipNow()
	})
	assert.Zero(t, result.N)
}

func FuzzRunner(f *testing.F) {
	f.Add(1)
	assertFamily(f, Busy, Waits)
	f.Fuzz(func(t *testing.T, _ int) { assertFamily(t, Busy, Waits) })
}

func TestRunnerNames(t *testing.T) {
	assert.Equal(t, "paused in Parallel", Paused.String())
	assert.Equal(t, "not a runner", NotRunner.String())
	assert.Equal(t, "unknown", Runner(9).String())
	assert.Equal(t, "unknown", Runner(-1).String())
}
