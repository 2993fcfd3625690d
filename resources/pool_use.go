package resources

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A PoolUse is somebody who has a value of a pool, or waits for one.
type PoolUse struct {
	Goroutine int64           `json:"goroutine"` // that took it, as stack dumps show it
	Age       time.Duration   `json:"age"`       // since then, in nanoseconds
	Owner     string          `json:"owner,omitempty"`
	Stack     leakcheck.Stack `json:"stack,omitzero"`
	Lost      bool            `json:"lost,omitempty"` // the lease was collected without being given back
}

// String says who it is on one line: "goroutine 7 for 3s, app/store.go:12".
func (u PoolUse) String() string {
	s := LockUse{Goroutine: u.Goroutine, Age: u.Age, Stack: u.Stack}.String()
	if u.Owner != "" {
		s += " (" + u.Owner + ")"
	}
	if u.Lost {
		s += ", which lost it"
	}
	return s
}

// A PoolWait is an Acquire that has waited for longer than WaitWarning.
type PoolWait struct {
	Pool    string    `json:"pool"`
	Max     int       `json:"max"`
	Waiter  PoolUse   `json:"waiter"`
	Holders []PoolUse `json:"holders"` // fewer than Max if it is New that takes its time
}

// String says who waits and who has the values.
func (w PoolWait) String() string {
	return fmt.Sprintf("pool %s: %v waits, %d of %d are out", w.Pool, w.Waiter, len(w.Holders), w.Max) + heldBy(w.Holders)
}

// heldBy names some of those who have something.
func heldBy(uses []PoolUse) string {
	var b strings.Builder
	for i, u := range uses {
		if i == holdersShown {
			fmt.Fprintf(&b, ", and by %d more", len(uses)-i)
			break
		}
		b.WriteString(", held by " + u.String())
	}
	return b.String()
}

// A poolUse is what a pool notes of a lease, to which it has no reference: who
// drops one should lose it.
type poolUse struct {
	goroutine int64
	origin    leakcheck.Origin
	lost      func() bool
}

// newPoolUse notes who calls the method that calls it, nil where tracking is
// off.
func newPoolUse() *poolUse {
	if !tracks() {
		return nil
	}
	return &poolUse{goroutine: goroutineID(), origin: leakcheck.Here(2, 2*lockCalls)}
}

func (u *poolUse) info() PoolUse {
	lost := u.lost != nil && u.lost()
	return PoolUse{u.goroutine, u.origin.Age(), u.origin.Owner(), u.origin.Stack(), lost}
}

// poolUses are the leases of a pool that are out.
type poolUses struct {
	mu  sync.Mutex
	all []*poolUse // in the order in which they were taken
}

func (p *poolUses) add(u *poolUse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, u)
}

func (p *poolUses) remove(u *poolUse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.all, u); i >= 0 {
		p.all = slices.Delete(p.all, i, i+1)
	}
}

func (p *poolUses) list() []PoolUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	infos := make([]PoolUse, len(p.all))
	for i, u := range p.all {
		infos[i] = u.info()
	}
	return infos
}

// warn tells that use waits.
func (p *Pool[T]) warn(waiter PoolUse) {
	defer func() {
		if v := recover(); v != nil {
			warn("the OnWait of a pool panicked", "pool", p.name, "panic", fmt.Sprint(v))
		}
	}()
	w := PoolWait{p.name, p.max, waiter, p.Leases()}
	if p.config.OnWait != nil {
		p.config.OnWait(w)
		return
	}
	warn(w.String())
}
