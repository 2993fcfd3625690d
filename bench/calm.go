package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// Two threads can only be compared with one where two can run. Whether they
// can is asked before and after each round with something that they share
// nothing in, arithmetic, and the rounds in which they could not are left out:
// that is decided without a look at what the round gave.

const (
	calmRounds = 9    // wanted
	mostRounds = 30   // tried for them
	leastCalm  = 3    // below that, all rounds count, and the rows say so
	crowded    = 1.25 // two threads of arithmetic against one
)

// undisturbed is like [sideBySide] for a machine with two free processors. If
// it did not have them, busy is what arithmetic took on two threads against
// one, otherwise 0.
func undisturbed(slice time.Duration, trials ...trial) (timings []timing, busy float64) {
	c := newContest(slice, trials...)
	var calm []int
	var crowding []float64
	for c.rounds < mostRounds && len(calm) < calmRounds {
		before := twoToOne()
		c.round()
		worst := max(before, twoToOne())
		crowding = append(crowding, worst)
		if worst <= crowded {
			calm = append(calm, c.rounds-1)
		}
	}
	if len(calm) < leastCalm {
		return c.timings, median(crowding)
	}
	for _, t := range c.timings {
		timings = append(timings, t.rounds(calm))
	}
	return timings, 0
}

// twoToOne returns how much longer arithmetic takes on each of two threads
// than on one.
func twoToOne() float64 {
	one := arithmetic(1)
	return float64(arithmetic(2)) / float64(one)
}

var sum atomic.Uint64 // keeps the compiler from leaving the arithmetic out

// arithmetic returns how long some two milliseconds of work take when each of
// several goroutines does them.
func arithmetic(goroutines int) time.Duration {
	var done sync.WaitGroup
	start := make(chan struct{})
	for range goroutines {
		done.Go(func() {
			<-start
			x := uint64(88172645463325252)
			for range 1_000_000 {
				x ^= x << 13
				x ^= x >> 7
				x ^= x << 17
			}
			sum.Add(x)
		})
	}
	began := time.Now()
	close(start)
	done.Wait()
	return time.Since(began)
}
