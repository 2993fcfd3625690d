package recorder

import "sync/atomic"

// Tests is told what package testing does.
type Tests interface {
	// Begin is called before the tests of m run, which is a *testing.M. What
	// it returns is called with their exit code, and returns the code to use.
	Begin(m any) (end func(code int) int)
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

// TestsBegin says that the tests of m are about to run. What it returns is to
// be told when they have.
func TestsBegin(m any) (end func(code int) int) {
	if t := tests.Load(); t != nil {
		return (*t).Begin(m)
	}
	return func(code int) int { return code }
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
