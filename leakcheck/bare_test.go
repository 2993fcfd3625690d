package leakcheck

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCompanyIdleSince(t *testing.T) {
	paused := func(ids ...int64) company {
		c := company{paused: make(map[int64]bool)}
		for _, id := range ids {
			c.paused[id] = true
		}
		return c
	}
	busy := company{busy: true}
	for name, tt := range map[string]struct {
		earlier, now company
		want         bool
	}{
		"nobody, ever":               {company{}, company{}, true},
		"the same are paused":        {paused(7, 8), paused(7, 8), true},
		"one has gone since":         {paused(7, 8), paused(7), true},
		"one has paused since":       {paused(7), paused(7, 8), false},
		"one has paused, one gone":   {paused(7), paused(8), false},
		"one runs":                   {company{}, busy, false},
		"one ran and is paused now":  {busy, paused(7), false},
		"one ran and is gone by now": {busy, company{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.now.idleSince(tt.earlier))
		})
	}
}

func TestLookBeforeHoldsTheCollectorForWhatItFound(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	j, sys, _ := newFakeJudge()
	j.rebase()
	_, hold := j.lookBefore(&window{state: ended})
	assert.Nil(t, hold, "there is nothing to lose")

	sys.Open(4, 101, "/tmp/a")
	_, hold = j.lookBefore(&window{state: ended})
	assert.Equal(t, -1, debug.SetGCPercent(-1))
	hold.release()
	assert.Equal(t, 100, debug.SetGCPercent(100))
}
