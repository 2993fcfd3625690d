package resources

import (
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A Standin is the simplest stand-in there can be, for tests of what all have
// in common.
type Standin struct {
	handle
	name    string
	closing error
}

// Name returns the name that it was opened by.
func (s *Standin) Name() string { return s.name }

// OpenStandin opens one that is of kind "thing".
func OpenStandin(name string, opts ...Option) *Standin {
	s := &Standin{name: name}
	s.open(s, nil, name, "thing", opts)
	return s
}

// FailOnClose has Close return err.
func (s *Standin) FailOnClose(err error) { s.closing = err }

// Close ends its tracking.
func (s *Standin) Close() error {
	s.close(s, s.closing)
	return s.closing
}

// A Loose is a stand-in that need not be closed.
type Loose struct {
	handle
	_ [64]byte
}

// OpenLoose opens one.
func OpenLoose(name string, opts ...Option) *Loose {
	l := new(Loose)
	l.open(l, nil, name, "loose", opts)
	return l
}

// End ends its tracking.
func (l *Loose) End() { l.close(l, nil) }

// Tracks draws whether one resource is tracked.
func Tracks() bool { return tracks() }

// Configure applies the settings of the environment variable.
func Configure(settings string) []error { return configure(settings) }

// A FakeGauge measures what a test says, in place of [OpenAlert].
type FakeGauge struct {
	Value func() (float64, error)
	Limit float64
}

// WatchFake is [Watch] with gauges of the test's own.
func WatchFake(l Thresholds, f func(Alert), fakes ...FakeGauge) (stop func()) {
	var gauges []gauge
	for _, g := range fakes {
		gauges = append(gauges, gauge{OpenAlert, g.Limit, g.Value})
	}
	l.Tracker = orDefault(l.Tracker)
	return watch(l, gauges, f)
}

// NewOldestGauge returns how the age of the oldest is measured.
func NewOldestGauge(t *leakcheck.Tracker, looked func(), l Thresholds) func() (float64, error) {
	g := &oldestGauge{limit: l.Age, live: func() []leakcheck.Info { looked(); return t.Live() }}
	return g.measure
}

// SetExitPatience changes how long the end of a program waits for a report,
// and returns how to change it back.
func SetExitPatience(d time.Duration) (restore func()) {
	old := exitPatience
	exitPatience = d
	return func() { exitPatience = old }
}
