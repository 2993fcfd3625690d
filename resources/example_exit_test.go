package resources_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleReportAtExit() {
	main := func() {
		defer resources.ReportAtExit(os.Stderr, os.Interrupt)() // first thing in main
		fmt.Println("working")
	}
	main() // nothing is left open, so there is no report
	// Output:
	// working
}

func ExampleReportAtExitOf() {
	tracker := leakcheck.NewTracker()
	report := resources.ReportAtExitOf(tracker, firstLine{})
	lease := new([64]byte)
	_ = tracker.Track(lease, "orders", "lease")
	report()
	tracker.Untrack(lease)
	// Output:
	// leakcheck: the tracker holds 1: 1 lease
}

// firstLine prints what does not change from run to run.
type firstLine struct{}

func (firstLine) Write(p []byte) (int, error) {
	headline, _, _ := strings.Cut(string(p), " (oldest")
	fmt.Println(headline)
	return len(p), nil
}

func ExampleExit() {
	main := func() {
		defer resources.ReportAtExit(os.Stderr)()
		if err := serveOrders(); err != nil {
			fmt.Println(err)
			resources.Exit(1) // os.Exit would skip the report
		}
	}
	main()
	// Output:
}

func serveOrders() error { return nil }
