// Package fakes holds stand-ins for what a test cannot provoke with the real
// thing: a *testing.T that may fail without failing the test that looks at it,
// a clock, an operating system whose tables say what they are told to.
package fakes

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// A MinimalT has only what a verdict cannot do without.
type MinimalT struct {
	mu     sync.Mutex
	errors []string
}

// Errorf records a failure.
func (t *MinimalT) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}

// Errors returns all failures as one text, "" if there are none.
func (t *MinimalT) Errors() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.errors, "\n")
}

// A T records what is done to it, and runs its cleanups as a *testing.T does:
// last in, first out, on the goroutine of the test.
type T struct {
	MinimalT
	TestName string
	failed   bool
	logs     []string
	cleanups []func()
}

// Name returns TestName.
func (t *T) Name() string { return t.TestName }

// Helper does nothing.
func (t *T) Helper() {}

// Logf records a line.
func (t *T) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs = append(t.logs, fmt.Sprintf(format, args...))
}

// Logs returns all lines as one text.
func (t *T) Logs() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.logs, "\n")
}

// Fail marks the test as failed without a message.
func (t *T) Fail() { t.failed = true }

// Failed reports whether Fail or Errorf was called.
func (t *T) Failed() bool { return t.failed || t.Errors() != "" }

// Cleanup registers f.
func (t *T) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// Run runs f and then the cleanups on a goroutine of their own, and waits for
// them. It returns what f panicked with, nil if it did not; the cleanups run
// while the panic is on its way up, as they do in package testing.
func (t *T) Run(f func(*T)) (panicked any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		defer t.runCleanups()
		f(t)
	}()
	<-done
	return panicked
}

func (t *T) runCleanups() {
	for len(t.cleanups) > 0 {
		last := t.cleanups[len(t.cleanups)-1]
		t.cleanups = t.cleanups[:len(t.cleanups)-1]
		last()
	}
}

// FailNow marks the test as failed and ends its goroutine.
func (t *T) FailNow() {
	t.Fail()
	runtime.Goexit()
}

// An M is a *testing.M that runs one function.
type M struct {
	Code  int
	Tests func()
}

// Run calls Tests and returns Code.
func (m *M) Run() int {
	if m.Tests != nil {
		m.Tests()
	}
	return m.Code
}
