package leakcheck

import (
	"slices"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/clock"
)

// openedByMain reports whether e was tracked by package initialisation or by
// TestMain, both of which run on the main goroutine, where no test does.
func (e *entry) openedByMain() bool {
	fs := e.trace.Frames()
	for i := len(fs) - 1; i >= 0; i-- {
		if fs[i].Function == "runtime.main" {
			return true
		}
		if strings.HasPrefix(fs[i].Function, "testing.") {
			return false
		}
	}
	return false
}

// any reports whether a live or lost entry is wanted.
func (t *Tracker) any(wanted func(*entry) bool) bool {
	return slices.ContainsFunc(t.snapshot(nil), wanted) || slices.ContainsFunc(t.lost.list(), wanted)
}

// Report returns what is tracked at the moment, oldest first.
func (t *Tracker) Report() Report {
	var leaks []Leak
	for _, e := range t.snapshot(nil) {
		leaks = append(leaks, leakOfEntry(e, Held, clock.Now()))
	}
	r := newReport("the tracker", leaks, nil)
	r.verb = "holds"
	return r
}
