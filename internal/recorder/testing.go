package recorder

import "sync/atomic"

// Tests is told what package testing does.
type Tests interface {
	// Run runs the tests of m, which is a *testing.M, by calling run, and
	// returns the exit code.
	Run(m any, run func() int) int
	// Subtest is called on the goroutine of a test that another test or a
	// fuzz target started, before its function.
	Subtest(name string)
	// Exit is called when the program is about to exit and returns the code
	// to do so with.
	Exit(code int) int
}

var tests atomic.Pointer[Tests]

// SetTests sets who is told. Nobody is before.
func SetTests(t Tests) { tests.Store(&t) }

// RunTests runs the tests of m by calling run.
func RunTests(m any, run func() int) int {
	if t := tests.Load(); t != nil {
		return (*t).Run(m, run)
	}
	return run()
}

// SubtestBegins says that the calling goroutine is about to run a subtest.
func SubtestBegins(name string) {
	if t := tests.Load(); t != nil {
		(*t).Subtest(name)
	}
}

// ExitCode returns the code to exit with instead of code.
func ExitCode(code int) int {
	if t := tests.Load(); t != nil {
		return (*t).Exit(code)
	}
	return code
}
