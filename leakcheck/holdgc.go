package leakcheck

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
)

// holdLimit is by how many bytes the program may grow while the collector is
// held, before it runs all the same.
const holdLimit = 512 << 20

// heldGC counts who holds the collector, and remembers what it was set to.
var heldGC struct {
	sync.Mutex
	holders int
	percent int
	limit   int64
	bound   int64 // the limit while it is held
}

// A gcHold is one reason for the collector not to run by itself.
type gcHold struct{ once sync.Once }

// holdGC stops automatic collections until every holder has released. The
// memory limit takes over as the bound: see "Memory limit" in the package
// documentation of runtime/debug.SetGCPercent.
func holdGC() *gcHold {
	g := &heldGC
	g.Lock()
	defer g.Unlock()
	if g.holders++; g.holders == 1 {
		g.percent = debug.SetGCPercent(-1)
		g.limit = debug.SetMemoryLimit(-1)
		g.bound = min(g.limit, memoryInUse()+holdLimit)
		debug.SetMemoryLimit(g.bound)
	}
	return &gcHold{}
}

// release lets the collector go once the last holder has. What the program
// itself set in the meantime stays. A nil hold holds nothing.
func (h *gcHold) release() {
	if h == nil {
		return
	}
	h.once.Do(func() {
		g := &heldGC
		g.Lock()
		defer g.Unlock()
		if g.holders--; g.holders > 0 {
			return
		}
		if now := debug.SetGCPercent(g.percent); now != -1 {
			debug.SetGCPercent(now)
		}
		if now := debug.SetMemoryLimit(g.limit); now != g.bound {
			debug.SetMemoryLimit(now)
		}
	})
}

// memoryInUse is what the memory limit is compared with.
func memoryInUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(min(m.Sys-m.HeapReleased, math.MaxInt64-holdLimit))
}
