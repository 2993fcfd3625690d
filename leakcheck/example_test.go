package leakcheck_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"go.uber.org/goleak"
)

// In a TestMain, Main judges every test of the package.
func ExampleMain() {
	_ = func(m *testing.M) { // func TestMain(m *testing.M)
		leakcheck.Main(m)
	}
}

// A TestMain with something to tear down uses Run. What it sets up before is
// not a leak.
func ExampleRun() {
	_ = func(m *testing.M) { // func TestMain(m *testing.M)
		dir, err := os.MkdirTemp("", "shop")
		if err != nil {
			panic(err)
		}
		code := leakcheck.Run(m, leakcheck.Grace(500*time.Millisecond))
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}
}

// Check comes first in a test; its verdict comes last, after every cleanup.
func ExampleCheck() {
	_ = func(t *testing.T) { // func TestImport(t *testing.T)
		t.Parallel()
		leakcheck.Check(t, leakcheck.IgnorePath("*.log"))
		f, err := os.Open("testdata/orders.csv")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
	}
}

// VerifyNone is deferred. IgnoreCurrent is evaluated with the defer statement
// and so makes the beginning of the test the baseline.
func ExampleVerifyNone() {
	_ = func(t *testing.T) { // func TestImport(t *testing.T)
		defer leakcheck.VerifyNone(t, leakcheck.IgnoreCurrent())
	}
}

// Without a test to fail, Find returns the verdict.
func ExampleFind() {
	leakcheck.Find() // everything that is open now is the baseline

	f, err := os.Open(os.DevNull)
	if err != nil {
		panic(err)
	}
	report := leakcheck.Find(leakcheck.Grace(0))
	for _, leak := range report.Leaks {
		fmt.Println(leak.Kind, leak.Name, leak.State)
	}
	_ = f.Close()
	// Output:
	// device /dev/null held
}

// A lease is a lifetime that is no descriptor.
func ExampleTrack() {
	type lease struct{ table string }

	l := &lease{"orders"}
	if err := leakcheck.Track(l, l.table, "lease"); err != nil {
		panic(err)
	}
	report := leakcheck.Find(leakcheck.Grace(0))
	fmt.Println(report.Total, report.Leaks[0].Kind, report.Leaks[0].Name)
	leakcheck.Untrack(l)
	// Output:
	// 1 lease orders
}

// A tracker of one's own shares nothing with the default one. Its report is
// the live table, oldest first.
func ExampleTracker() {
	tracker := leakcheck.NewTracker()
	a, b := new([64]byte), new([64]byte)
	_ = tracker.Track(a, "a", "buffer")
	_ = tracker.Track(b, "b", "buffer")
	tracker.Untrack(a)
	for _, info := range tracker.Live() {
		fmt.Println(info.Kind, info.Name, info.Age() < time.Minute)
	}
	fmt.Println(tracker.Report().ByKind)
	tracker.Untrack(b)
	// Output:
	// buffer b true
	// map[buffer:1]
}

// A report marshals to JSON, durations as nanoseconds.
func ExampleReport() {
	text, err := json.Marshal(leakcheck.NewTracker().Report())
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output:
	// {"subject":"the tracker","total":0,"by_kind":{},"oldest_age_ns":0,"leaks":[]}
}

// goleak's own options go through.
func ExampleGoroutines() {
	_ = func(m *testing.M) {
		leakcheck.Main(m, leakcheck.Goroutines(
			goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"),
		))
	}
}

// Kinds, paths and anything else can be accepted.
func ExampleIgnore() {
	_ = func(t *testing.T) {
		leakcheck.Check(t,
			leakcheck.IgnoreKind("inotify", "eventfd"),
			leakcheck.IgnorePath("/var/cache/**"),
			leakcheck.Ignore(func(l leakcheck.Leak) bool { return l.Age < 10*time.Millisecond }))
	}
}
