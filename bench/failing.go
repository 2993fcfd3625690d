package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A failing verdict is timed from the end of the test, a [stub], to the end of
// its last cleanup. What it takes beyond the grace is the row: to look, to
// collect garbage twice, to describe the leak.

const (
	failingGrace  = 200 * time.Millisecond
	failingBudget = 100 * time.Millisecond
	failingRounds = 3
)

// A leak opens something and returns how to close it.
type leak struct {
	what string
	open func() (end func(), err error)
}

var leaks = []leak{
	{"tracked object", func() (func(), error) {
		b := new(block)
		err := leakcheck.Track(b, "", "block")
		return func() { leakcheck.Untrack(b) }, err
	}},
	{"file", func() (func(), error) {
		f, err := os.Open(os.DevNull)
		return func() { _ = f.Close() }, err
	}},
	{"goroutine", func() (func(), error) {
		stop := make(chan struct{})
		go func() { <-stop }()
		return func() { close(stop) }, nil
	}},
}

// verdictOn returns how long the verdict about a test that leaks takes.
func verdictOn(l leak) (took time.Duration, err error) {
	ownGoroutine(func() {
		var t stub
		leakcheck.Check(&t, leakcheck.Grace(failingGrace))
		end, openErr := l.open()
		began := time.Now()
		t.end()
		took = time.Since(began)
		end()
		if !t.Failed() {
			err = errors.Join(openErr, fmt.Errorf("a leaked %s was not found", l.what))
		}
	})
	return took, err
}

func failingRows(t *table) error {
	for _, l := range leaks {
		var excess []float64
		for range failingRounds {
			took, err := verdictOn(l)
			if err != nil {
				return err
			}
			excess = append(excess, float64(took-failingGrace))
		}
		t.add(row{
			what: "failing verdict beyond the grace, " + l.what,
			own:  median(excess), unit: duration,
			budget: budget{most: float64(failingBudget)},
		})
	}
	return nil
}
