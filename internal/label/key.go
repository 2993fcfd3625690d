//go:build !leakcheck_attached

package label

import (
	"context"
	"runtime/pprof"
)

// Key is the profiler label that holds the owner's identity. It is what a
// goroutine profile shows for every goroutine of an owner.
const Key = "leakcheck"

func set(value string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(Key, value)))
}

// Clear removes every label of the calling goroutine.
func Clear() { pprof.SetGoroutineLabels(context.Background()) }

// Value returns what [Set] was given, "" where that cannot be read off the
// mark.
func (m Mark) Value() string { return "" }
