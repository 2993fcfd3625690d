package fakes

import (
	"sync"
	"time"
)

// A Clock stands still until somebody sleeps on it.
type Clock struct {
	mu    sync.Mutex
	now   int64
	slept []time.Duration
	// OnSleep is called before each sleep, if it is set, with the time slept
	// so far.
	OnSleep func(soFar time.Duration)
}

// Now returns nanoseconds since the clock was made.
func (c *Clock) Now() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock by d and returns at once.
func (c *Clock) Sleep(d time.Duration) {
	if c.OnSleep != nil {
		c.OnSleep(c.Slept())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += int64(d)
	c.slept = append(c.slept, d)
}

// Slept returns how long callers have slept in all.
func (c *Clock) Slept() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sum time.Duration
	for _, d := range c.slept {
		sum += d
	}
	return sum
}
