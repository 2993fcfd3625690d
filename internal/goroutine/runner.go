package goroutine

import "strings"

// A Runner says what the goroutine of a test is doing.
type Runner int

const (
	// NotRunner is a goroutine that runs no test, fuzz target, benchmark or
	// example.
	NotRunner Runner = iota
	// Busy runs code of the user: the test itself or its cleanups.
	Busy
	// Waits is blocked in package testing until a subtest, a benchmark, an
	// input of a fuzz target or a synctest bubble is over.
	Waits
	// Paused is blocked in T.Parallel until its turn comes.
	Paused
)

var runnerNames = [...]string{"not a runner", "busy", "waits for a subtest", "paused in Parallel"}

// String returns the state as words.
func (r Runner) String() string {
	if r < 0 || int(r) >= len(runnerNames) {
		return "unknown"
	}
	return runnerNames[r]
}

// TestRunner reports whether the goroutine is one on which package testing
// runs a test, fuzz target, benchmark or example.
func (g Goroutine) TestRunner() bool { return isRunner(g.Frames) }

// TestRunner is [Goroutine.TestRunner] for the goroutines of a group.
func (gr Group) TestRunner() bool { return isRunner(gr.Frames) }

// Runner tells what the goroutine of a test is doing. A goroutine that the
// user started and that called T.Run waits like the test's own.
func (g Goroutine) Runner() Runner { return runnerState(g.Frames) }

// Runner is [Goroutine.Runner] for the goroutines of a group.
func (gr Group) Runner() Runner { return runnerState(gr.Frames) }

func isRunner(frames []Frame) bool {
	for _, f := range frames {
		switch f.Function {
		case "testing.tRunner", "testing.fRunner", "testing.(*B).runN", "testing.runExample":
			return true
		}
	}
	return false
}

// runnerState judges by the functions of package testing at the inner end of
// the stack: while user's code runs, there are none.
func runnerState(frames []Frame) Runner {
	state := NotRunner
	if isRunner(frames) {
		state = Busy
	}
	for _, f := range frames {
		switch {
		case ofRuntime(f.Function):
			continue
		case f.Function == "testing.(*T).Parallel":
			return Paused
		case waitsIn(f.Function):
			return Waits
		case !ofTesting(f.Function):
			return state
		}
	}
	return state
}

func ofTesting(function string) bool {
	return strings.HasPrefix(function, "testing.") ||
		strings.HasPrefix(function, "testing/internal/") || strings.HasPrefix(function, "internal/fuzz.")
}

// waitsIn reports whether a goroutine blocked in function, or in something of
// package testing that it called, waits for a test it has started: the places
// that receive from a test's signal channel in testing.go, fuzz.go and
// benchmark.go. A deferred function of tRunner waits for parallel subtests.
func waitsIn(function string) bool {
	switch function {
	case "testing.(*T).Run", "testing/synctest.testingSynctestTest", "internal/synctest.Run",
		"testing.(*B).run1", "testing.(*B).doBench", "testing.(*B).Run",
		"testing.runTests", "testing.RunTests", "testing.runFuzzTests", "testing.runFuzzing":
		return true
	}
	for _, prefix := range []string{"testing.(*F).Fuzz", "testing.tRunner.func", "testing.fRunner.func"} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
