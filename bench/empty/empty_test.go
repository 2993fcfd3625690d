package empty

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

var (
	judge  = flag.String("judge", "nobody", "nobody, main, check or goleak")
	parked = flag.Int("parked", 0, "goroutines that wait from before the first test")
)

// Of all tests: when the first and the last began, and how many there were.
var (
	first, last time.Time
	count       int
)

// parkedOnly makes goleak accept the goroutines that are parked.
var parkedOnly goleak.Option

func TestMain(m *testing.M) {
	flag.Parse()
	park(*parked)
	run := m.Run
	switch *judge {
	case "main":
		run = func() int { return leakcheck.Run(m) }
	case "goleak":
		parkedOnly = goleak.IgnoreCurrent()
	}
	code := run()
	if count > 1 {
		fmt.Printf("ns per test: %.1f\n", float64(last.Sub(first).Nanoseconds())/float64(count-1))
	}
	os.Exit(code)
}

// park starts n goroutines and waits until they wait.
func park(n int) {
	for range n {
		ready := make(chan struct{})
		go func() {
			close(ready)
			select {}
		}()
		<-ready
	}
}

// nothing is what every test does.
func nothing(t *testing.T) {
	last = time.Now()
	if count == 0 {
		first = last
	}
	count++
	switch *judge {
	case "check":
		leakcheck.Check(t)
	case "goleak":
		goleak.VerifyNone(t, parkedOnly)
	}
}

func TestEmpty0(t *testing.T) { nothing(t) }
func TestEmpty1(t *testing.T) { nothing(t) }
func TestEmpty2(t *testing.T) { nothing(t) }
func TestEmpty3(t *testing.T) { nothing(t) }
func TestEmpty4(t *testing.T) { nothing(t) }
func TestEmpty5(t *testing.T) { nothing(t) }
func TestEmpty6(t *testing.T) { nothing(t) }
func TestEmpty7(t *testing.T) { nothing(t) }
func TestEmpty8(t *testing.T) { nothing(t) }
func TestEmpty9(t *testing.T) { nothing(t) }
