package recorder

import (
	"runtime"
	"sync/atomic"
)

// OnLost is called, on the goroutine of the finalizer, before a finalizer
// closes a descriptor that the program forgot.
var OnLost atomic.Pointer[func(fd int, opened *Record)]

// onFinalizer reports whether the calling goroutine runs finalizers or
// cleanups. Such a goroutine has no profiler labels, which is asked first
// because it is cheap, and all that one go statement starts run them or none
// does, so that not every stack has to be looked at.
func onFinalizer() bool {
	if currentLabel() != nil {
		return false
	}
	by := creator()
	known := &finalizing[by%uintptr(len(finalizing))]
	if a := known.Load(); a != nil && a.creator == by && by != 0 {
		return a.yes
	}
	var stack [128]uintptr
	n := runtime.Callers(2, stack[:])
	yes := runsFinalizers(stack[:n])
	if n < len(stack) {
		known.Store(&answer{by, yes})
	}
	return yes
}

// finalizing remembers answers by the address of the go statement.
var finalizing [61]atomic.Pointer[answer]

type answer struct {
	creator uintptr
	yes     bool
}

// runsFinalizers reports whether a stack has a function that a goroutine which
// runs finalizers or cleanups never returns from.
func runsFinalizers(pcs []uintptr) bool {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		switch f.Function {
		case "runtime.runFinalizers", "runtime.runCleanups":
			return true
		}
		if !more {
			return false
		}
	}
}
