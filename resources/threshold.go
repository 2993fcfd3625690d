package resources

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// Thresholds say what [Watch] calls too much. One that is zero does not count.
type Thresholds struct {
	// Open is how many resources may be open.
	Open int
	// Age is how long a resource may be open.
	Age time.Duration
	// Descriptors is how much of the limit of open descriptors
	// (RLIMIT_NOFILE) the process may use, in percent, up to 100. Linux and
	// macOS tell; elsewhere it is an error.
	Descriptors float64
	// Stacks has the tracker record calls only while at least so many
	// resources are open, so that a service pays for them only when there is
	// something to look for. Zero leaves its stack depth as it is.
	Stacks int
	// Every is the time between two looks; zero is a second.
	Every time.Duration
	// Tracker is the one to look at; nil is the default tracker.
	Tracker *leakcheck.Tracker
}

// An AlertKind names the threshold that an [Alert] is about.
type AlertKind string

// The kinds of alerts. Their values are resources, seconds and percent.
const (
	OpenAlert        AlertKind = "open"
	AgeAlert         AlertKind = "age"
	DescriptorsAlert AlertKind = "descriptors"
)

// An Alert says that a threshold was passed, or is no longer.
type Alert struct {
	Kind  AlertKind
	Value float64 // as measured: resources, seconds of the oldest, or percent
	Limit float64 // the threshold, in the same unit
	// Over is true in the alert that says that Value is more than Limit, and
	// false in the notice that follows once it is below nine tenths of it.
	Over bool
	// Since is when Value was first seen to be more than Limit.
	Since time.Time
	// Report is the live table, oldest first.
	Report leakcheck.Report
}

// String says what an alert is about in one line.
func (a Alert) String() string {
	how := "more than"
	if !a.Over {
		how = "no longer more than"
	}
	since := a.Since.Format(time.RFC3339)
	switch a.Kind {
	case OpenAlert:
		return fmt.Sprintf("leakcheck: %.0f resources are open, %s %.0f (since %s)", a.Value, how, a.Limit, since)
	case AgeAlert:
		return fmt.Sprintf("leakcheck: the oldest open resource is %v old, %s %v (since %s)", seconds(a.Value), how, seconds(a.Limit), since)
	default:
		return fmt.Sprintf("leakcheck: %.1f %% of the descriptor limit is used, %s %v %% (since %s)", a.Value, how, a.Limit, since)
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}

// Watch looks at what is open again and again and calls f when a threshold is
// passed: once when that begins and once when it is over, which it is below
// nine tenths of the threshold, so that a value about it does not ring twice a
// second. What comes and goes between two looks is not seen.
//
// f runs on a goroutine of its own, one call at a time. If it panics, the
// logger of [SetLogger], or else standard error, gets the panic, and the
// program goes on. While it blocks there are no further alerts, and after five
// seconds that is logged once; when it returns, what still holds is told.
//
// stop ends the watch. It may be called more than once, and from f; a call of
// f that is under way goes on. With Stacks the tracker records calls again
// after it, 32 with each resource as at first.
//
// The error is not nil, and nothing is watched, if a threshold is negative or
// cannot be measured here, if there is none, or if f is nil.
func Watch(limits Thresholds, f func(Alert)) (stop func(), err error) {
	if err := limits.check(f); err != nil {
		return nil, fmt.Errorf("resources: watching thresholds: %w", err)
	}
	limits.Tracker = orDefault(limits.Tracker)
	if limits.Every == 0 {
		limits.Every = time.Second
	}
	return watch(limits, gaugesOf(limits), f), nil
}

func (l Thresholds) check(f func(Alert)) error {
	switch {
	case f == nil:
		return errors.New("the function to call is nil; pass one that takes an Alert")
	case l.Open < 0:
		return fmt.Errorf("threshold Open is %d; it is a number of resources, 0 for no such threshold", l.Open)
	case l.Age < 0:
		return fmt.Errorf("threshold Age is %v; it is a time, 0 for no such threshold", l.Age)
	case !(l.Descriptors >= 0 && l.Descriptors <= 100): // NaN is not
		return fmt.Errorf("threshold Descriptors is %v; it is a percentage from 0, for no such threshold, to 100", l.Descriptors)
	case l.Stacks < 0:
		return fmt.Errorf("threshold Stacks is %d; it is a number of resources, 0 to leave stacks as they are", l.Stacks)
	case l.Every < 0:
		return fmt.Errorf("interval Every is %v; it is a time between two looks, 0 for a second", l.Every)
	case l.Open == 0 && l.Age == 0 && l.Descriptors == 0 && l.Stacks == 0:
		return errors.New("no threshold is set; set Open, Age, Descriptors or Stacks")
	case l.Descriptors > 0:
		_, err := descriptorUse()
		return err
	}
	return nil
}

// A gauge measures what one threshold is about.
type gauge struct {
	kind    AlertKind
	limit   float64
	measure func() (float64, error)
}

// gaugesOf returns a gauge for each threshold that is set.
func gaugesOf(l Thresholds) []gauge {
	var gauges []gauge
	if l.Open > 0 {
		gauges = append(gauges, gauge{OpenAlert, float64(l.Open), func() (float64, error) {
			return float64(l.Tracker.Len()), nil
		}})
	}
	if l.Age > 0 {
		oldest := &oldestGauge{live: l.Tracker.Live, limit: l.Age}
		gauges = append(gauges, gauge{AgeAlert, l.Age.Seconds(), oldest.measure})
	}
	if l.Descriptors > 0 {
		gauges = append(gauges, gauge{DescriptorsAlert, l.Descriptors, descriptorUse})
	}
	return gauges
}

// descriptorUse returns how much of the limit of descriptors is used, in
// percent.
func descriptorUse() (float64, error) {
	open, limit, err := descriptors()
	if err != nil {
		return 0, fmt.Errorf("counting descriptors: %w", err)
	}
	return 100 * float64(open) / math.Max(float64(limit), 1), nil
}
