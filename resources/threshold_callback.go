package resources

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A callback calls the function given to [Watch], one call at a time. Its
// methods are called by one goroutine.
type callback struct {
	f       func(Alert)
	stopped <-chan struct{}
	busy    atomic.Bool
	began   time.Time
	blamed  bool // said that it blocks
}

// free reports whether the function can be called. It says once of a call that
// it takes long.
func (c *callback) free() bool {
	if !c.busy.Load() {
		return true
	}
	if !c.blamed && time.Since(c.began) >= callbackPatience {
		c.blamed = true
		go warn("a callback of Watch blocks; there are no further alerts until it returns", "after", callbackPatience.String())
	}
	return false
}

// call tells alerts, on a goroutine of its own. The callback must be free.
func (c *callback) call(alerts []Alert) {
	c.busy.Store(true)
	c.began, c.blamed = time.Now(), false
	go func() {
		defer c.busy.Store(false)
		for _, a := range alerts {
			select {
			case <-c.stopped:
				return
			default:
				c.tell(a)
			}
		}
	}()
}

func (c *callback) tell(a Alert) {
	defer func() {
		if v := recover(); v != nil {
			warn("a callback of Watch panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	c.f(a)
}
