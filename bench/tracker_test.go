package main

import (
	"testing"
	"time"
)

// run makes a benchmark of a trial: b reports the time that the trial takes
// for one thing, without what it prepares.
func run(b *testing.B, name string, t trial) {
	b.Run(name, func(b *testing.B) {
		const atOnce = 50_000 // bounds the memory for prepared objects
		var took time.Duration
		for left := b.N; left > 0; left -= atOnce {
			took += t(min(left, atOnce))
		}
		b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/op")
	})
}

func BenchmarkPair(b *testing.B) {
	bare, stacks := newTracker(false), newTracker(true)
	run(b, "NoStack", pairs(bare))
	run(b, "NoStack/TwoThreads", pairs(bare, bare))
	run(b, "NoStack/TwoThreads/TrackerForEach", pairs(newTracker(false), newTracker(false)))
	run(b, "Stack", pairs(stacks))
	run(b, "Stack/TwoThreads", pairs(stacks, stacks))
	run(b, "Stack/256", manyPaths(stacks))
	run(b, "Stack/InATest", inATest(pairs(stacks)))
	run(b, "Stack/InATest/TwoThreads", inATest(pairs(stacks, stacks)))
	run(b, "CleanupAlone", cleanups(1))
	run(b, "CleanupAlone/TwoThreads", cleanups(2))
}

func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(perObject(100_000), "B/object")
	}
}
