package resources_test

import (
	"sync"
	"testing"

	"github.com/go-leakcheck/leakcheck/resources"
)

func BenchmarkLock(b *testing.B) {
	uncontended := func(l sync.Locker) func(*testing.B) {
		return func(b *testing.B) {
			n := 0
			for b.Loop() {
				l.Lock()
				n++
				l.Unlock()
			}
		}
	}
	contended := func(l sync.Locker) func(*testing.B) {
		return func(b *testing.B) {
			n := 0
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.Lock()
					n++
					l.Unlock()
				}
			})
		}
	}
	b.Run("Plain", uncontended(new(sync.Mutex)))
	b.Run("Tracked", uncontended(new(resources.Mutex)))
	b.Run("PlainRead", uncontended(new(sync.RWMutex).RLocker()))
	b.Run("TrackedRead", uncontended(new(resources.RWMutex).RLocker()))
	b.Run("PlainContended", contended(new(sync.Mutex)))
	b.Run("TrackedContended", contended(new(resources.Mutex)))
	resources.SetTracking(false)
	defer resources.SetTracking(true)
	b.Run("Off", uncontended(new(resources.Mutex)))
	b.Run("OffContended", contended(new(resources.Mutex)))
}
