package leakcheck

import (
	"slices"
	"strings"
	"sync"

	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A window is the time between the beginning of one test and its verdict.
//
// Bare descriptors have no owner, so they are pinned on a test by when they
// were first seen: between two looks at the table, at the beginning or the end
// of some test. If only one test can have run in between, it is that one's.
type window struct {
	name   string
	place  Frame // where the test stands, as near as is known
	parent *window
	owner  *owner
	state  windowState
	// parallel says whether the test has called t.Parallel; nil if it cannot
	// be known.
	parallel func() bool

	t        TestingT
	children []*window
	began    int64
	seq      uint64            // of the newest tracked object at the beginning
	created  uint64            // goroutines of the process, at the beginning
	onMain   bool              // an example, which has no goroutine of its own
	mappings []process.Mapping // when it began
	mapped   bool              // mappings were looked at then

	sightings uint64 // how many there had been when it began

	base []Option // of Main, for all tests

	mu    sync.Mutex
	opts  []Option       // of this test
	named map[int64]bool // goroutines that a verdict has named
}

type windowState int

const (
	running windowState = iota
	paused              // in t.Parallel, until its sequential siblings are done
	ended
)

// windows are the tests under way, in the order in which they began.
type windows []*window

// running returns those that may have opened something since the last look.
// Of a test and its subtest only the subtest is named: the test waits for it.
func (ws windows) running() []*window {
	waits := make(map[*window]bool)
	for _, w := range ws {
		if w.state != running {
			continue
		}
		for p := w.parent; p != nil && !waits[p]; p = p.parent {
			waits[p] = true
		}
	}
	var out []*window
	for _, w := range ws {
		if w.state == running && !waits[w] {
			out = append(out, w)
		}
	}
	return out
}

// beginning notes that w is about to begin, which shows who is awake.
func (ws *windows) beginning(w *window) {
	ws.wake(w.parent)
	if w.isParallel() {
		ws.resume(w.parent)
	}
}

// begin adds w. The testing package starts a sequential test only once those
// before it have ended or called t.Parallel, and it lets the latter go on only
// after the last sequential one: so the siblings of a sequential test that is
// beginning are paused.
func (ws *windows) begin(w *window) {
	if !w.isParallel() {
		for _, other := range *ws {
			if sibling := other.ancestorBelow(w.parent); sibling != nil {
				other.state = paused
			}
		}
	}
	w.state = running
	*ws = append(*ws, w)
	if w.parent != nil {
		w.parent.children = append(w.parent.children, w)
	}
}

// ending notes that w is about to end: if it is a parallel test, then so may
// all of its siblings have run that were paused.
func (ws *windows) ending(w *window) {
	ws.wake(w)
	if w.isParallel() {
		ws.resume(w.parent)
	}
}

// end removes w.
func (ws *windows) end(w *window) {
	w.state = ended
	*ws = slices.DeleteFunc(*ws, func(other *window) bool { return other == w })
}

// wake notes that w has been seen running: whoever was paused with it, or with
// an ancestor of it, may have run as well.
func (ws *windows) wake(w *window) {
	for ; w != nil; w = w.parent {
		if w.state == paused {
			ws.resume(w.parent)
		}
	}
}

// resume marks all tests below parent as running.
func (ws *windows) resume(parent *window) {
	for _, w := range *ws {
		if w.state == paused && w.ancestorBelow(parent) != nil {
			w.state = running
		}
	}
}

// isParallel reports whether w runs beside its siblings. Where the testing
// package does not tell, a test that began before others and ends after is
// parallel: see paused.
func (w *window) isParallel() bool {
	return w.parallel != nil && w.parallel()
}

// ranAlone reports whether w is known to be a test that is neither parallel nor
// a subtest: the sequential tests that end after it began after it.
func (w *window) ranAlone() bool {
	return w.parallel != nil && !w.parallel() && !strings.Contains(w.name, "/")
}

// within reports whether w is top or a subtest of it, however deep.
func (w *window) within(top *window) bool {
	for ; w != nil; w = w.parent {
		if w == top {
			return true
		}
	}
	return false
}

// ancestorBelow returns the ancestor of w, or w itself, whose parent is p; nil
// if w is not below p.
func (w *window) ancestorBelow(p *window) *window {
	for ; w != nil; w = w.parent {
		if w.parent == p {
			return w
		}
	}
	return nil
}

// windowNames lists the windows' names.
func windowNames(ws []*window) []string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = w.name
	}
	return out
}

// add appends options to those of the verdict of w.
func (w *window) add(opts []Option) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opts = append(w.opts, opts...)
}

// config returns the sum of all options. It holds the collector only for those
// of the test itself: Main's hold ends with the package.
func (w *window) config(more ...Option) *config {
	w.mu.Lock()
	own := slices.Concat(w.opts, more)
	w.mu.Unlock()
	c := newConfig(slices.Concat(w.base, own))
	c.holds = newConfig(own).holds
	return c
}

// markNamed notes that a verdict on w has named a goroutine, which those on the
// tests above are not to do again. 0 is one that could not be identified.
func (w *window) markNamed(id int64) {
	if id == 0 {
		return
	}
	for ; w != nil; w = w.parent {
		if w.named == nil {
			w.named = make(map[int64]bool)
		}
		w.named[id] = true
	}
}

// each calls f for w and all tests below it until f returns false.
func (w *window) each(f func(*window) bool) bool {
	if !f(w) {
		return false
	}
	for _, sub := range w.children {
		if !sub.each(f) {
			return false
		}
	}
	return true
}

// owns reports whether o is the owner of w or of a test below it.
func (w *window) owns(o *owner) bool {
	if o == nil {
		return false
	}
	top := o.test()
	return !w.each(func(sub *window) bool { return sub.owner != top })
}
