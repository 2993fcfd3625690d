//go:build !unix

package clock

import (
	"runtime"
	"time"
)

// nap yields: without select(2) the caller's loop is what waits.
func nap(time.Duration) { runtime.Gosched() }
