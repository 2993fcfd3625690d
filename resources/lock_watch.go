package resources

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// deadlockLook is how long a goroutine waits before it is looked whether a cycle
// of others keeps it, and again until the same cycle is believed.
const deadlockLook = 25 * time.Millisecond

// A Deadlock is a cycle of goroutines, each of which waits without end for a
// lock that the next one has, and the last for one that the first has.
type Deadlock struct {
	Goroutines []DeadlockedGoroutine `json:"goroutines"`
}

// A DeadlockedGoroutine is one part of a Deadlock.
type DeadlockedGoroutine struct {
	Wanted string  `json:"wanted"` // the name of the lock it waits for
	Waits  LockUse `json:"waits"`
	Kept   string  `json:"kept"` // the name of the lock that another one waits for
	Holds  LockUse `json:"holds"`
	// Queued says that it does not have what another one wants, but came
	// before to write what that one wants to read. Holds says since when.
	Queued bool `json:"queued,omitempty"`
}

// String is the report: for each goroutine what it holds and what it waits for,
// with the stacks.
func (d Deadlock) String() string {
	var b strings.Builder
	if len(d.Goroutines) == 1 {
		b.WriteString("deadlock: a goroutine waits for itself")
	} else {
		fmt.Fprintf(&b, "deadlock: %d goroutines wait for each other", len(d.Goroutines))
	}
	for _, g := range d.Goroutines {
		has := "has locked " + g.Kept + reading(g.Holds)
		if g.Queued {
			has = "is next to lock " + g.Kept
		}
		fmt.Fprintf(&b, "\ngoroutine %d %s for %v", g.Waits.Goroutine, has, rounded(g.Holds.Age))
		writeIndented(&b, g.Holds.Stack)
		fmt.Fprintf(&b, "\n  and waits to lock %s%s for %v", g.Wanted, reading(g.Waits), rounded(g.Waits.Age))
		writeIndented(&b, g.Waits.Stack)
	}
	return b.String()
}

func reading(u LockUse) string {
	if u.Shared {
		return " for reading"
	}
	return ""
}

func writeIndented(b *strings.Builder, s leakcheck.Stack) {
	for line := range strings.Lines(s.String()) {
		b.WriteString("\n    " + strings.TrimSuffix(line, "\n"))
	}
}

var onDeadlock atomic.Pointer[func(Deadlock)]

// OnDeadlock has f called once for each deadlock among the locks of this
// package, while it lasts, 50 ms after it came about. f runs on a goroutine of
// its own; the program goes on. At first, and after OnDeadlock(nil), the report
// goes to the logger of [SetLogger], or without one to standard error.
//
// Only waits without end make a deadlock: Lock and RLock, not those with a
// timeout or a context. Those that were begun in a testing/synctest bubble take
// part, but are not looked at by themselves. A mutex may be unlocked by another
// goroutine than the one that locked it, and whether one will be nobody can
// know: a cycle is reported only after it was seen twice, unchanged, and not at
// all if one of its locks was ever unlocked so.
func OnDeadlock(f func(Deadlock)) {
	if f == nil {
		onDeadlock.Store(nil)
		return
	}
	onDeadlock.Store(&f)
}

// waiting has the goroutines that wait without end, by number. A reader of
// waiting.mu may take the lock of a lockState, never the other way round.
var waiting = struct {
	mu    sync.Mutex
	waits map[int64]*lockWait
	told  map[*lockWait]bool // those of which a deadlock was reported
}{waits: map[int64]*lockWait{}, told: map[*lockWait]bool{}}

// watch begins to look for a cycle that w is part of. The last goroutine that
// closes a cycle finds it, so each has to look only once it waits.
func (w *lockWait) watch() (timer *time.Timer) {
	if w.goroutine == 0 {
		return nil
	}
	waiting.mu.Lock()
	waiting.waits[w.goroutine] = w
	waiting.mu.Unlock()
	if clock.Faked() {
		return nil
	}
	return time.AfterFunc(deadlockLook, w.look)
}

// unwatch ends what watch began.
func (w *lockWait) unwatch(timer *time.Timer) {
	if timer != nil {
		timer.Stop()
	}
	if w.goroutine == 0 {
		return
	}
	waiting.mu.Lock()
	defer waiting.mu.Unlock()
	delete(waiting.waits, w.goroutine)
	delete(waiting.told, w)
}

// look looks for a cycle, and looks again.
func (w *lockWait) look() {
	if first := w.cycle(); first != nil {
		time.AfterFunc(deadlockLook, func() { w.confirm(first) })
	}
}

// confirm reports a cycle if it is still there.
func (w *lockWait) confirm(first []cycleStep) {
	if !slices.Equal(w.cycle(), first) || !newDeadlock(first) {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			warn("the function given to OnDeadlock panicked", "lock", w.lock.label(), "panic", fmt.Sprint(v))
		}
	}()
	d := deadlockOf(first)
	if f := onDeadlock.Load(); f != nil {
		(*f)(d)
		return
	}
	warn(d.String())
}

// newDeadlock reports whether no deadlock of these waits was reported.
func newDeadlock(cycle []cycleStep) (fresh bool) {
	waiting.mu.Lock()
	defer waiting.mu.Unlock()
	for _, s := range cycle {
		if waiting.waits[s.wait.goroutine] != s.wait {
			return false // it has the lock by now
		}
		if !waiting.told[s.wait] {
			waiting.told[s.wait], fresh = true, true
		}
	}
	return fresh
}

// A cycleStep is one goroutine of a cycle: its wait, and how the one that it
// waits for keeps the lock.
type cycleStep struct {
	wait    *lockWait
	blocker lockBlocker
}

// A lockBlocker is a goroutine that another one waits for.
type lockBlocker struct {
	goroutine int64
	shared    bool
	queued    bool
	origin    leakcheck.Origin
}

// cycle returns the cycle that w is part of, nil if there is none.
func (w *lockWait) cycle() []cycleStep {
	waiting.mu.Lock()
	defer waiting.mu.Unlock()
	if waiting.waits[w.goroutine] != w {
		return nil
	}
	blockers := make(map[*lockWait][]lockBlocker)
	way := findCycle(w, func(n *lockWait) (next []*lockWait) {
		blockers[n] = n.blockers()
		for _, b := range blockers[n] {
			if to := waiting.waits[b.goroutine]; to != nil {
				next = append(next, to)
			}
		}
		return next
	})
	steps := make([]cycleStep, len(way))
	for i, n := range way {
		to := way[(i+1)%len(way)].goroutine
		at := slices.IndexFunc(blockers[n], func(b lockBlocker) bool { return b.goroutine == to })
		steps[i] = cycleStep{n, blockers[n][at]}
	}
	if len(steps) == 0 {
		return nil
	}
	return steps
}

// blockers returns who has to go before w can have its lock, as far as that is
// certain.
func (w *lockWait) blockers() (all []lockBlocker) {
	l := w.lock
	l.freeze()
	defer l.thaw()
	if w.granted || l.foreign {
		return nil
	}
	add := func(h *lockHold, shared bool) {
		all = append(all, lockBlocker{h.goroutine, shared, false, h.origin})
	}
	switch {
	case l.locked():
		if h := l.known(); h != nil {
			add(h, false)
		}
	case !w.shared:
		for _, h := range l.held {
			add(h, true)
		}
	default:
		for _, ahead := range l.queue {
			if ahead == w {
				break
			}
			if !ahead.shared && ahead.endless && ahead.goroutine != 0 {
				all = append(all, lockBlocker{ahead.goroutine, false, true, ahead.origin})
			}
		}
	}
	return all
}

// deadlockOf describes a cycle.
func deadlockOf(cycle []cycleStep) Deadlock {
	var d Deadlock
	for i, s := range cycle {
		before := cycle[(i+len(cycle)-1)%len(cycle)]
		b := before.blocker
		d.Goroutines = append(d.Goroutines, DeadlockedGoroutine{
			Wanted: s.wait.lock.label(),
			Waits:  s.wait.use(),
			Kept:   before.wait.lock.label(),
			Holds:  useOf(b.goroutine, b.shared, b.origin),
			Queued: b.queued,
		})
	}
	return d
}
