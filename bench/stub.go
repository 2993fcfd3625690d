package main

import (
	"fmt"
	"slices"
)

// A stub stands in for a *testing.T where the end of a test must be under
// control. It collects errors.
type stub struct {
	cleanups []func()
	errors   []string
}

func (*stub) Helper() {}

func (*stub) Name() string { return "TestStub" }

func (s *stub) Failed() bool { return len(s.errors) > 0 }

func (s *stub) Errorf(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

// Error is what goleak calls.
func (s *stub) Error(args ...any) { s.errors = append(s.errors, fmt.Sprint(args...)) }

func (s *stub) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

// end runs the cleanups, the last one first, as the testing package does.
func (s *stub) end() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
	s.cleanups = nil
}

// ownGoroutine runs f as the testing package runs a test: on a goroutine that
// ends with it, which is the one that the labels of a test go to.
func ownGoroutine(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
