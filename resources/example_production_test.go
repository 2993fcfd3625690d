package resources_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/go-leakcheck/leakcheck/resources"
)

// A service shows what is open: on a page, as a profile, at its end, and by an
// alert when it is too much. The page on production in docs has these lines.
func Example_production() {
	mux := http.NewServeMux()
	mux.Handle("/debug/leaks", resources.Handler()) // JSON; ?format=text is the listing
	err := resources.RegisterProfile(mux)           // /debug/pprof/leakcheck
	defer resources.ReportAtExit(os.Stderr, syscall.SIGTERM)()
	if err != nil {
		fmt.Println(err)
		return
	}

	stop, err := resources.Watch(resources.Thresholds{
		Open:        10_000,    // more are open
		Age:         time.Hour, // one is older
		Descriptors: 80,        // more than 80 % of the limit are in use
		Stacks:      1_000,     // record stacks only while so many are open
	}, func(a resources.Alert) { slog.Warn(a.String(), "open", a.Report.Total) })
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	fmt.Println("watched")
	// Output:
	// watched
}
