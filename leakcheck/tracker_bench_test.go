package leakcheck

import (
	"math"
	"runtime"
	"sync"
	"testing"
	"time"
)

// block is a tracked object of the usual size, with a pointer in it.
type block struct {
	_ *block
	_ [7]uintptr
}

func (*block) Close() error { return nil }

// deep calls f with depth frames of this package on the stack above the
// caller's.
//
//go:noinline
func deep(depth int, f func()) {
	if depth <= 1 {
		f()
		return
	}
	deep(depth-1, f)
}

func cycle(tr *Tracker, b *block) {
	if err := tr.Track(b, "", "block"); err != nil {
		panic(err)
	}
	tr.Untrack(b)
}

func BenchmarkTrackUntrack(b *testing.B) {
	for _, c := range []struct {
		name  string
		depth int
	}{{"NoStack", 0}, {"Stack10", 10}} {
		b.Run(c.name+"/Same", func(b *testing.B) {
			tr := NewTracker()
			tr.SetStackDepth(c.depth)
			object := new(block)
			deep(10, func() {
				for b.Loop() {
					cycle(tr, object)
				}
			})
		})
		b.Run(c.name+"/Fresh", func(b *testing.B) {
			tr := NewTracker()
			tr.SetStackDepth(c.depth)
			deep(10, func() {
				for b.Loop() {
					cycle(tr, new(block))
				}
			})
		})
	}
}

// BenchmarkTwoGoroutines compares the time per pair of two goroutines that
// share a tracker with that of one alone.
func BenchmarkTwoGoroutines(b *testing.B) {
	tr := NewTracker()
	pairs := func(goroutines, each int) time.Duration {
		var wg sync.WaitGroup
		start := time.Now()
		for range goroutines {
			wg.Go(func() {
				for range each {
					cycle(tr, new(block))
				}
			})
		}
		wg.Wait()
		return time.Since(start) / time.Duration(goroutines)
	}
	const each = 20_000
	one, two := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		one, two = min(one, pairs(1, each)), min(two, pairs(2, each))
	}
	b.ReportMetric(float64(one.Nanoseconds())/each, "ns/pair-alone")
	b.ReportMetric(float64(two.Nanoseconds())/each, "ns/pair-of-two")
	b.ReportMetric(float64(two)/float64(one), "ratio")
}

// BenchmarkDense tracks an object among many tracked ones of its size: the
// runtime keeps the cleanups of a span of memory in one list.
func BenchmarkDense(b *testing.B) {
	b.Run("16", func(b *testing.B) { dense[[2]*int](b) })
	b.Run("64", func(b *testing.B) { dense[[8]*int](b) })
	b.Run("512", func(b *testing.B) { dense[[64]*int](b) })
}

func dense[T any](b *testing.B) {
	const n = 100_000
	tr := NewTracker()
	tr.SetStackDepth(0)
	objects := make([]*T, n)
	for i := range objects {
		objects[i] = new(T)
		if err := tr.Track(objects[i], "", "block"); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; b.Loop(); i = (i + 7919) % n {
		tr.Untrack(objects[i])
		_ = tr.Track(objects[i], "", "block")
	}
}

// BenchmarkMemoryPerObject tells what one live tracked object costs, stack
// kept. Run it alone: the runtime's records that earlier benchmarks freed are
// used again and not counted.
func BenchmarkMemoryPerObject(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		tr := NewTracker()
		objects := make([]*block, n)
		for i := range objects {
			objects[i] = new(block)
		}
		before := inUse()
		for _, o := range objects {
			if err := tr.Track(o, "", "block"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(inUse()-before)/n, "B/object")
		tr.Clear()
		runtime.KeepAlive(objects)
	}
}

// inUse returns the bytes that the heap and the runtime's own records of it
// (where cleanups are kept) take after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.GCSys + m.OtherSys)
}
