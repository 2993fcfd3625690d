package clock

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestNowRunsInABubble(t *testing.T) {
	outside := time.Now()
	synctest.Test(t, func(t *testing.T) {
		assert.True(t, Faked(), "a bubble's time.Now is the year 2000")
		before := Now()
		for Now()-before < int64(2*time.Millisecond) {
			Real.Sleep(time.Millisecond)
		}
		assert.WithinDuration(t, outside, Wall(Now()), time.Minute)
		assert.Equal(t, 2000, time.Now().UTC().Year(), "the bubble's own time must not move")
	})
	assert.False(t, Faked())
}

func TestSleepOutsideABubble(t *testing.T) {
	before := Now()
	Real.Sleep(time.Millisecond)
	assert.GreaterOrEqual(t, Now()-before, int64(time.Millisecond))
}
