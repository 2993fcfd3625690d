package resources_test

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// The life of each resource goes to the log.
func ExampleSetLogger() {
	plain := &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "duration", "opened_by":
				return slog.Attr{} // they differ from run to run
			}
			return a
		},
	}
	resources.SetLogger(slog.New(slog.NewTextHandler(os.Stdout, plain)))
	defer resources.SetLogger(nil)

	f, err := resources.Open(os.DevNull, resources.WithName("orders.csv"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = f.Close()
	// Output:
	// level=DEBUG msg="resources: opened" kind=file:r name=orders.csv
	// level=DEBUG msg="resources: closed" kind=file:r name=orders.csv
}

// A service is told when it holds too much, and when that is over.
func ExampleWatch() {
	tracker := leakcheck.NewTracker()
	alerts := make(chan resources.Alert)
	stop, err := resources.Watch(resources.Thresholds{
		Open:    1,
		Every:   time.Millisecond,
		Tracker: tracker, // nil in a service
	}, func(a resources.Alert) { alerts <- a })
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()

	a, err := resources.Open(os.DevNull, resources.WithName("a"), resources.WithTracker(tracker))
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := resources.Open(os.DevNull, resources.WithName("b"), resources.WithTracker(tracker))
	if err != nil {
		fmt.Println(err)
		return
	}
	alert := <-alerts
	fmt.Println(alert.Kind, alert.Over, alert.Value, "of", alert.Limit)
	_ = b.Close()
	_ = a.Close()
	fmt.Println((<-alerts).Over)
	// Output:
	// open true 2 of 1
	// false
}

func ExampleAlert_String() {
	alert := resources.Alert{
		Kind: resources.AgeAlert, Value: 61, Limit: 60, Over: true,
		Since: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
	}
	fmt.Println(alert)
	// Output:
	// leakcheck: the oldest open resource is 1m1s old, more than 1m0s (since 2026-01-02T15:04:05Z)
}

// LEAKCHECK_RESOURCES=off does the same without a line of code.
func ExampleSetTracking() {
	resources.SetTracking(false)
	defer resources.SetTracking(true)

	tracker := leakcheck.NewTracker()
	f, err := resources.Open(os.DevNull, resources.WithName("orders.csv"), resources.WithTracker(tracker))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tracker.Len())
	_ = f.Close()
	// Output:
	// 0
}

func ExampleSetSampling() {
	defer resources.SetSampling(1)
	fmt.Println(resources.SetSampling(0.01))
	fmt.Println(resources.SetSampling(100))
	// Output:
	// <nil>
	// resources: setting the sampling rate to 100: it is a part of all resources, from 0 to 1
}

// Without stacks tracking costs a fraction, and the table still has names and
// ages.
func ExampleSetStackDepth() {
	defer resources.SetStackDepth(32)
	fmt.Println(resources.SetStackDepth(0))
	f, err := resources.Open(os.DevNull, resources.WithName("orders.csv"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for _, info := range leakcheck.DefaultTracker().Live() {
		if info.Name == "orders.csv" {
			fmt.Println(info.Kind, info.Stack.IsZero())
		}
	}
	// Output:
	// <nil>
	// file:r true
}
