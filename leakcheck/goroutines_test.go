package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/goroutine"
)

// Two parallel tests leave a goroutine each, alike, and both verdicts take it
// for the same one: the other was named as well.
func TestGoroutineNamedUnderAnothersNumberIsNotNamedAgain(t *testing.T) {
	like := func(id int64, functions ...string) goroutine.Goroutine {
		g := goroutine.Goroutine{ID: id}
		for _, f := range functions {
			g.Frames = append(g.Frames, goroutine.Frame{Function: f})
		}
		return g
	}
	j := newJudge(newOperatingSystem(), clock.Real, new(Tracker))
	j.report(like(7, "net.Read", "sample.serve"))
	j.report(like(7, "net.Read", "sample.serve"))
	j.report(like(0, "sample.poll"))

	left := j.dropMistaken([]goroutine.Goroutine{
		like(8, "net.Write", "sample.serve"), // the second, which has moved on
		like(9, "net.Read", "sample.serve"),
		like(10, "sample.poll"),
		like(11, "sample.other"),
	})
	var ids []int64
	for _, g := range left {
		ids = append(ids, g.ID)
	}
	assert.Equal(t, []int64{9, 11}, ids)
}

func TestEndingGoroutineMakesNoRoomForALeak(t *testing.T) {
	frames := func(functions ...string) (fs []goroutine.Frame) {
		for _, f := range functions {
			fs = append(fs, goroutine.Frame{Function: f})
		}
		return fs
	}
	assert.True(t, ending(frames("runtime.goexit1", "runtime.goexit")))
	assert.False(t, ending(frames("sample.worker", "runtime.goexit")))
}
