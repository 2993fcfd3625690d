package main

import (
	"runtime"
	"slices"
	"time"
)

// A trial does one thing n times and returns how long that took, without the
// time to prepare it.
type trial func(n int) time.Duration

// A timing is what the rounds of one trial gave.
type timing struct {
	perRound []float64 // nanoseconds for one time, by round
}

// median is the time for one time, in nanoseconds.
func (t timing) median() float64 { return median(t.perRound) }

// over is the median of the rounds' ratios between t and peer. Both numbers of
// a ratio come from one round, a moment apart, so that it is steadier than
// the ratio of the medians when the machine is busy.
func (t timing) over(peer timing) float64 {
	ratios := make([]float64, len(t.perRound))
	for i := range ratios {
		ratios[i] = t.perRound[i] / peer.perRound[i]
	}
	return median(ratios)
}

// less is t without what base takes, round by round.
func (t timing) less(base timing) timing {
	out := timing{slices.Clone(t.perRound)}
	for i := range out.perRound {
		out.perRound[i] -= base.perRound[i]
	}
	return out
}

// rounds is t with only the rounds of those numbers.
func (t timing) rounds(numbers []int) timing {
	var out timing
	for _, i := range numbers {
		out.perRound = append(out.perRound, t.perRound[i])
	}
	return out
}

// A contest is some trials that take turns.
type contest struct {
	trials  []trial
	times   []int // how often each does its thing in a round
	timings []timing
	rounds  int
}

// newContest finds out how often each trial must do its thing to take about as
// long as slice.
func newContest(slice time.Duration, trials ...trial) *contest {
	c := &contest{trials: trials, timings: make([]timing, len(trials))}
	for _, t := range trials {
		c.times = append(c.times, calibrate(t, slice))
	}
	return c
}

// round runs each trial once and begins with another one than the last round.
func (c *contest) round() {
	for turn := range c.trials {
		i := (turn + c.rounds) % len(c.trials)
		runtime.GC() // nobody pays for another's garbage
		took := c.trials[i](c.times[i])
		c.timings[i].perRound = append(c.timings[i].perRound, float64(took.Nanoseconds())/float64(c.times[i]))
	}
	c.rounds++
}

// sideBySide returns what so many rounds of the trials give.
func sideBySide(rounds int, slice time.Duration, trials ...trial) []timing {
	c := newContest(slice, trials...)
	for range rounds {
		c.round()
	}
	return c.timings
}

// calibrate returns how often t does its thing in about the time of slice.
func calibrate(t trial, slice time.Duration) int {
	for n := 1; ; n *= 4 {
		took := t(n)
		if took >= slice/4 {
			return max(1, int(float64(n)*float64(slice)/float64(took)))
		}
	}
}

// loop makes a trial of something that needs no preparation.
func loop(f func()) trial {
	return func(n int) time.Duration {
		began := time.Now()
		for range n {
			f()
		}
		return time.Since(began)
	}
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
