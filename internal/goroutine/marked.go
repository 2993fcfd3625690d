package goroutine

import (
	"runtime"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// A Marked is a goroutine with labels, its stack not yet symbolised.
type Marked struct {
	Mark label.Mark
	pcs  []uintptr
}

// Frames returns the stack as [Group] has it.
func (m Marked) Frames() []Frame {
	if fs := m.framesIf(shown); len(fs) > 0 {
		return fs
	}
	return m.framesIf(func(string) bool { return true })
}

func (m Marked) framesIf(show func(function string) bool) []Frame {
	var fs []Frame
	walk := runtime.CallersFrames(m.pcs)
	for {
		f, more := walk.Next()
		if f.Function != "" && show(f.Function) {
			fs = append(fs, Frame{Function: dumpName(f.Function), File: f.File, Line: f.Line})
		}
		if !more {
			return fs
		}
	}
}

// dumpName is what a dump calls a function: printFuncName in
// runtime/traceback.go.
func dumpName(function string) string {
	if function == "runtime.gopanic" {
		return "panic"
	}
	return function
}

// TestRunner is [Goroutine.TestRunner], found at the outer end of the stack
// without symbolising the rest.
func (m Marked) TestRunner() bool {
	for i := len(m.pcs) - 1; i >= 0 && i >= len(m.pcs)-4; i-- {
		if f := runtime.FuncForPC(m.pcs[i] - 1); f != nil && isRunner([]Frame{{Function: f.Name()}}) {
			return true
		}
	}
	return false
}
