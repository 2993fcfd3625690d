package goroutine

import "strings"

// OfRuntime reports whether the goroutine belongs to the runtime, to testing
// or to the standard library behind the scenes, and so is nobody's leak. It
// knows what goleak ignores by default, and besides: the writers of
// -test.cpuprofile and -test.trace, the reader of an example's output, the
// alarm of -test.timeout, the fuzzing engine, the goroutine that a synctest
// bubble begins with, finalizers and cleanups while they run. A test's
// goroutine counts only while it is blocked inside package testing; see
// [Goroutine.Runner] for the others.
func (g Goroutine) OfRuntime() bool {
	return isOfRuntime(g.Frames) || strings.HasPrefix(g.CreatedBy.Function, "net.(*Resolver).")
}

// OfRuntime is [Goroutine.OfRuntime] for the goroutines of a group: some of
// them inherit the label of the test that first needed them.
func (gr Group) OfRuntime() bool { return isOfRuntime(gr.Frames) }

func isOfRuntime(frames []Frame) bool {
	if len(frames) == 0 {
		return false
	}
	switch runnerState(frames) {
	case Waits, Paused:
		return true
	}
	first := entry(frames)
	return first == "" || isOwnEntry(first) || hasOwnFrame(frames) ||
		strings.HasPrefix(first, "internal/singleflight.(*Group).") && has(frames, "net.(*Resolver).")
}

// entry returns the function that the goroutine began with, the runtime's
// apart; empty if all are the runtime's: a thread that C code created, or a
// goroutine that is just ending.
func entry(frames []Frame) string {
	for i := len(frames) - 1; i >= 0; i-- {
		if !ofRuntime(frames[i].Function) {
			return frames[i].Function
		}
	}
	return ""
}

// isOwnEntry reports whether function is what one of the library's own
// goroutines begins with.
func isOwnEntry(function string) bool {
	switch function {
	case "os/signal.loop", // os/signal/signal_unix.go, at the first Notify
		"runtime/pprof.profileWriter", // runtime/pprof/pprof.go, StartCPUProfile
		"testing.runExample.func1",    // testing/run_example.go, reads what the example prints
		"testing/synctest.Test.func1", // testing/synctest/synctest.go, waits for the bubble's test
		"testing.(*M).startAlarm.func1":
		return true
	}
	for _, prefix := range []string{
		"runtime/trace.",        // runtime/trace/subscribe.go, startLocked
		"net.(*Resolver).",      // net/lookup.go, net/dnsclient_unix.go: a lookup outlives its context
		"net.doBlockingWithCtx", // net/cgo_unix.go: so does getaddrinfo(3)
		"internal/fuzz.",        // internal/fuzz/fuzz.go and worker.go
		"testing/internal/",     // testing/internal/testdeps
	} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

// hasOwnFrame reports whether a function that only the library's own
// goroutines run is anywhere on the stack.
func hasOwnFrame(frames []Frame) bool {
	for _, f := range frames {
		switch f.Function {
		case "runtime.ReadTrace", "os/signal.signal_recv", "runtime.ensureSigM.func1",
			"runtime.runFinalizers", "runtime.runCleanups",
			"testing/synctest.testingSynctestTest":
			return true
		}
	}
	return false
}

func has(frames []Frame, prefix string) bool {
	for _, f := range frames {
		if strings.HasPrefix(f.Function, prefix) {
			return true
		}
	}
	return false
}
