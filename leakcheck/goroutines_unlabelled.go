package leakcheck

import (
	"slices"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/goroutine"
)

// mainGoroutine is the one that runs package initialisation and TestMain. The
// testing package runs every test on another.
const mainGoroutine = 1

// An unlabelledFinder finds goroutines where there is no label to go by: for a
// bare VerifyNone and at the end of a package. goleak judges.
type unlabelledFinder struct {
	j     *judge
	cfg   *config
	fold  map[int64]bool // what was there at the baseline
	began int64
	// mine restricts it to what this goroutine or a descendant of it started.
	mine bool
	// ours accepts what TestMain and package initialisation started.
	ours bool

	asked bool
	named map[int64]bool // by goleak
}

func (f *unlabelledFinder) options() []goleakOption {
	opts := slices.Clone(f.cfg.goleak)
	for _, p := range f.cfg.present {
		opts = append(opts, p.option)
	}
	return append(opts, goleakIgnoreProfileWriter())
}

// judged asks goleak only where there is something to ask about. In a synctest
// bubble goleak would sleep for a clock that may never move, so what the
// user's options for it accept is not known there, and nothing is judged.
func (f *unlabelledFinder) judged() []goroutine.Goroutine {
	found := f.filter(goroutine.Dump())
	switch {
	case len(found) == 0:
		return nil
	case !clock.Faked():
		return f.filter(goleakFind(f.options()))
	case len(f.cfg.goleak) > 0:
		return nil
	}
	return found
}

// first asks goleak once. When there is a leak it takes about 0.4 s to say so:
// it looks again 20 times, with pauses that grow to 100 ms (its options.go).
func (f *unlabelledFinder) first() bool {
	if !f.asked {
		f.asked, f.named = true, make(map[int64]bool)
		for _, g := range f.judged() {
			f.named[g.ID] = true
		}
	}
	return len(f.named) > 0
}

func (f *unlabelledFinder) again() bool { return len(f.left()) > 0 }

// left returns those of the goroutines that goleak named which are still there.
func (f *unlabelledFinder) left() []goroutine.Goroutine {
	return slices.DeleteFunc(f.filter(goroutine.Dump()), func(g goroutine.Goroutine) bool { return !f.named[g.ID] })
}

// filter drops what is nobody's leak, or not of this scope.
func (f *unlabelledFinder) filter(gs []goroutine.Goroutine) []goroutine.Goroutine {
	if len(gs) == 0 {
		return nil
	}
	dump := goroutine.Dump()
	self := dump[0].ID
	tree := ancestry(dump)
	gs = slices.DeleteFunc(gs, func(g goroutine.Goroutine) bool {
		return g.ID == self || g.ID == mainGoroutine || g.OfRuntime() || g.Bubble || inVerdict(g.Frames) ||
			g.Runner() != goroutine.NotRunner ||
			f.fold[g.ID] || f.cfg.knownGoroutine(g.ID) || f.j.wasReported(g.ID) ||
			f.mine && !tree.descends(g.ID, self) ||
			f.ours && tree.descends(g.ID, mainGoroutine)
	})
	return f.j.dropMistaken(dropProcess(gs, dump))
}

// dropProcess drops the goroutines that run for the process. dump is of now.
func dropProcess(gs, dump []goroutine.Goroutine) []goroutine.Goroutine {
	if len(gs) == 0 {
		return nil
	}
	all, ok := goroutine.All()
	if !ok {
		return gs
	}
	kept := make(map[int64]bool)
	for i, g := range goroutine.Identify(all, dump) {
		if ownerByMark(all[i].Mark) == forProcess {
			kept[g.ID] = true
		}
	}
	return slices.DeleteFunc(gs, func(g goroutine.Goroutine) bool { return kept[g.ID] })
}

// A lineage maps goroutines to their creators, leaving out those that run a
// test: what a test started is the test's and not its starter's.
type lineage map[int64]int64

func ancestry(dump []goroutine.Goroutine) lineage {
	l := make(lineage, len(dump))
	for _, g := range dump {
		if g.Runner() == goroutine.NotRunner {
			l[g.ID] = g.Parent
		}
	}
	return l
}

// descends reports whether a chain of creators leads from the goroutine id to
// ancestor. It ends at a goroutine that is gone, whose creator nobody knows.
func (l lineage) descends(id, ancestor int64) bool {
	for range len(l) {
		parent, ok := l[id]
		if !ok || parent == 0 {
			return false
		}
		if parent == ancestor {
			return true
		}
		id = parent
	}
	return false
}

func (f *unlabelledFinder) find(now int64) []Leak {
	found := f.left()
	owners := f.owners(found)
	return f.j.describeGoroutines(found, time.Duration(now-f.began), func(g goroutine.Goroutine) string { return owners[g.ID] })
}

// owners names the tests whose labels the goroutines carry.
func (f *unlabelledFinder) owners(gs []goroutine.Goroutine) map[int64]string {
	names := make(map[int64]string)
	dump := goroutine.Dump()
	if all, ok := goroutine.All(); ok {
		for i, g := range goroutine.Identify(all, dump) {
			names[g.ID] = ownerName(ownerByMark(all[i].Mark))
		}
		return names
	}
	f.j.mu.Lock()
	groups, err := goroutine.ByLabel()
	f.j.mu.Unlock()
	if err != nil {
		return names
	}
	rest := slices.Clone(gs)
	for _, group := range groups {
		for _, g := range pick(&rest, group) {
			names[g.ID] = ownerName(ownerByID(group.Label))
		}
	}
	return names
}
