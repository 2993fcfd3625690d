package main

import (
	"fmt"
	"testing"
)

func BenchmarkCensus(b *testing.B) {
	c := newCensus()
	for _, n := range []int{10, 100, 1000} {
		err := withDescriptors(n, func() {
			run(b, fmt.Sprintf("%d/Take", n), loop(c.take))
			run(b, fmt.Sprintf("%d/Compare", n), loop(c.compare))
			run(b, fmt.Sprintf("%d/Count", n), loop(c.count))
			run(b, fmt.Sprintf("%d/EveryLink", n), loop(everyLink))
			run(b, fmt.Sprintf("%d/ProcfsTargets", n), loop(procfsTargets))
			run(b, fmt.Sprintf("%d/ProcfsLen", n), loop(procfsLen))
			run(b, fmt.Sprintf("%d/Testify", n), loop(testifySnapshots))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
