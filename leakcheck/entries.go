package leakcheck

import (
	"slices"

	"github.com/go-leakcheck/leakcheck/internal/clock"
)

// openedByMain reports whether e was tracked by package initialisation or by
// TestMain: both run on the main goroutine, and of what is tested only examples
// do.
func (e *entry) openedByMain() bool {
	onMain := false
	for _, f := range e.trace.Frames() {
		switch f.Function {
		case "testing.runExample":
			return false
		case "runtime.main":
			onMain = true
		}
	}
	return onMain
}

// any reports whether a live or lost entry is wanted.
func (t *Tracker) any(wanted func(*entry) bool) bool {
	return slices.ContainsFunc(t.snapshot(nil), wanted) || slices.ContainsFunc(t.lost.list(), wanted)
}

// Report returns what is tracked at the moment, oldest first.
func (t *Tracker) Report() Report {
	var leaks []Leak
	entries, now := t.snapshot(nil), clock.Now()
	for _, e := range entries {
		leaks = append(leaks, leakOfEntry(e, Held, now))
	}
	r := newReport("the tracker", leaks, nil)
	r.verb = "holds"
	return r
}
