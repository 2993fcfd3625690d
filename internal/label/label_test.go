package label

import (
	"bytes"
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"
)

// on runs f on a goroutine of its own, so that no label outlives the test.
func on(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func TestCurrentFollowsTheGoroutine(t *testing.T) {
	on(func() {
		assert.Equal(t, Mark{}, Current())
		mark := Set("one")
		assert.NotEqual(t, Mark{}, mark, "the runtime's label pointer cannot be read")
		on(func() { assert.Equal(t, mark, Current(), "a child inherits its parent's mark") })
		on(func() {
			other := Set("two")
			assert.NotEqual(t, mark, other)
		})
		assert.Equal(t, mark, Current(), "a child's label does not touch its parent")
		assert.NotEqual(t, mark, Set("one"), "equal values are still two owners")
		Clear()
		assert.Equal(t, Mark{}, Current())
	})
}

func TestCurrentIsAnotherOneOnceLabelsAreReplaced(t *testing.T) {
	on(func() {
		mark := Set("one")
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
			assert.NotEqual(t, mark, Current())
		})
	})
}

func TestSetShowsInTheGoroutineProfile(t *testing.T) {
	on(func() {
		Set("shown-in-profile")
		var b bytes.Buffer
		assert.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
		assert.Contains(t, b.String(), `"leakcheck":"shown-in-profile"`)
	})
}

func BenchmarkCurrent(b *testing.B) {
	for b.Loop() {
		_ = Current()
	}
}
