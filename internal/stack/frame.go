package stack

import "runtime"

// A Frame is one call of a stack.
type Frame struct {
	Function string // with its package path, as the runtime names it
	File     string // as the compiler recorded it: absolute, or shortened by -trimpath
	Line     int
}

// Frames returns the calls of the trace, innermost first, inlined ones
// included. It looks them up on every call; a nil trace has none.
func (t *Trace) Frames() []Frame {
	if t == nil {
		return nil
	}
	frames := make([]Frame, 0, len(t.pcs))
	calls := runtime.CallersFrames(t.pcs)
	for {
		f, more := calls.Next()
		if f.PC != 0 {
			frames = append(frames, Frame{Function: f.Function, File: f.File, Line: f.Line})
		}
		if !more {
			return frames
		}
	}
}
