package goroutine

import (
	"bytes"
	"fmt"
	"io"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// crowd blocks n labelled goroutines, on ten different stacks, while f runs.
func crowd(b *testing.B, n int, f func()) {
	c := make(chan struct{})
	var ready, gone sync.WaitGroup
	for i := range n {
		ready.Add(1)
		gone.Go(func() {
			label.Set("crowd")
			ready.Done()
			deep(i%10+1, c)
		})
	}
	ready.Wait()
	f()
	b.StopTimer()
	close(c)
	gone.Wait()
}

// BenchmarkLook compares the ways to list goroutines. What ByLabel and Dump add
// to "profile" and "dump" is the parsing; "protocol buffer" is the other form of
// the profile, with the reading of it.
func BenchmarkLook(b *testing.B) {
	for _, n := range []int{10, 1000} {
		for name, look := range map[string]func(){
			"ByLabel": func() { _, _ = ByLabel() },
			"profile": func() { _ = pprof.Lookup("goroutine").WriteTo(io.Discard, 1) },
			"protocol buffer": func() {
				var buf bytes.Buffer
				_ = pprof.Lookup("goroutine").WriteTo(&buf, 0)
				_, _ = profile.Parse(&buf)
			},
			"Dump": func() { Dump() },
			"dump": func() { dumpText() },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				crowd(b, n, func() {
					for b.Loop() {
						look()
					}
				})
			})
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	me := Dump()[0]
	for b.Loop() {
		me.Matches(me.Frames)
	}
}
