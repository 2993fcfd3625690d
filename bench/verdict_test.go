package main

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// BenchmarkCleanVerdict judges stubs, each on a goroutine of its own.
func BenchmarkCleanVerdict(b *testing.B) {
	for _, parked := range []int{10, 100, 1000} {
		stop := make(chan struct{})
		for range parked {
			go func() { <-stop }()
		}
		run(b, fmt.Sprintf("%d/Check", parked), clean(func(t *stub) { leakcheck.Check(t) }))
		run(b, fmt.Sprintf("%d/Goleak", parked), func(n int) time.Duration {
			ignore := goleak.IgnoreCurrent()
			return clean(func(t *stub) { goleak.VerifyNone(t, ignore) })(n)
		})
		close(stop)
	}
}

// clean makes a trial of tests that leave nothing.
func clean(test func(*stub)) trial {
	return loop(func() {
		ownGoroutine(func() {
			var t stub
			test(&t)
			t.end()
			if t.Failed() {
				panic(t.errors[0])
			}
		})
	})
}

func BenchmarkFailingVerdict(b *testing.B) {
	for _, l := range leaks {
		b.Run(l.what, func(b *testing.B) {
			for b.Loop() {
				if _, err := verdictOn(l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
