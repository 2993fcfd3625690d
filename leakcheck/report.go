package leakcheck

import (
	"cmp"
	"slices"
	"time"
)

// A Report is the outcome of one verdict, or the live table of a [Tracker], as
// a value. Its String method is the listing; it marshals to JSON. Durations
// are nanoseconds there.
type Report struct {
	// Subject is who leaked: a test's name, "package x", "the tracker".
	Subject string `json:"subject"`
	// Total is the number of leaks.
	Total int `json:"total"`
	// ByKind counts the leaks of each kind.
	ByKind map[string]int `json:"by_kind"`
	// OldestAge is the greatest age among the leaks, 0 without any.
	OldestAge time.Duration `json:"oldest_age_ns"`
	// Leaks are the leaks, oldest first.
	Leaks []Leak `json:"leaks"`
	// Notes say what could not be checked, and why.
	Notes []string `json:"notes,omitempty"`

	verb string
}

// newReport counts and orders leaks: oldest first, in the order of opening
// where ages are equal.
func newReport(subject string, leaks []Leak, notes []string) Report {
	r := Report{
		Subject: subject,
		Total:   len(leaks),
		ByKind:  make(map[string]int),
		Leaks:   append([]Leak{}, leaks...), // never nil, so that JSON has a list
		Notes:   notes,
		verb:    "leaked",
	}
	slices.SortStableFunc(r.Leaks, func(a, b Leak) int {
		return cmp.Or(cmp.Compare(b.Age, a.Age), cmp.Compare(a.seq, b.seq))
	})
	for i := range r.Leaks {
		l := &r.Leaks[i]
		r.ByKind[l.Kind]++
		r.OldestAge = max(r.OldestAge, l.Age)
		if l.Fix == "" {
			l.Fix = fixFor(*l)
		}
	}
	return r
}
