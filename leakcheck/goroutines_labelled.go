package leakcheck

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/goroutine"
)

// A labelledFinder finds the goroutines of one test by the label that they
// inherited from the test's own.
type labelledFinder struct {
	j     *judge
	w     *window
	cfg   *config
	quiet bool // the number of goroutines already tells that there are none

	subtests map[int64]string // that goroutines work for, where it is known
}

// first looks closely, so that a test whose goroutines are all nobody's leak
// does not wait for them.
func (f *labelledFinder) first() bool {
	return !f.quiet && len(f.groups()) > 0 && len(f.still()) > 0
}

func (f *labelledFinder) again() bool { return len(f.groups()) > 0 }

// groups returns the goroutines of the test, by stack.
func (f *labelledFinder) groups() []goroutine.Group {
	f.j.mu.Lock()
	defer f.j.mu.Unlock()
	return slices.DeleteFunc(f.j.ownedBy(f.w), func(g goroutine.Group) bool {
		return inVerdict(g.Frames) || g.OfRuntime() && !justBorn(g.Frames) || g.Runner() != goroutine.NotRunner
	})
}

// justBorn reports whether a goroutine was started and has not run yet. The
// compiler's wrapper for a go statement with arguments, where it then stands,
// is not shown, which leaves the frame below.
func justBorn(fs []goroutine.Frame) bool {
	return len(fs) == 1 && fs[0].Function == "runtime.goexit"
}

// ending reports whether a goroutine has returned from all of the program's
// functions and is about to be gone.
func ending(fs []goroutine.Frame) bool {
	return !slices.ContainsFunc(fs, func(f goroutine.Frame) bool {
		return !strings.HasPrefix(f.Function, "runtime.")
	})
}

// ownedBy lists the goroutines of w and the tests below it. On the way it
// counts those of tests that are over.
func (j *judge) ownedBy(w *window) []goroutine.Group {
	all, ok := goroutine.AllMarked()
	if !ok {
		return j.ownedByProfile(w)
	}
	open := j.windows.owners()
	var groups []goroutine.Group
	j.quiet.behind = 0
	for _, m := range all {
		o := ownerByMark(m.Mark)
		switch {
		case o == nil:
		case w.owns(o):
			groups = append(groups, goroutine.Group{Label: o.id, Count: 1, Frames: m.Frames()})
		case !open[o.test()] && !m.TestRunner() && !ending(m.Frames()):
			j.quiet.behind++
		}
	}
	return groups
}

// ownedByProfile does the same through the public goroutine profile, which
// opens /proc/self/maps for the moment: no look at the descriptors may see
// that.
func (j *judge) ownedByProfile(w *window) []goroutine.Group {
	all, err := goroutine.ByLabel()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(all, func(g goroutine.Group) bool { return !w.owns(ownerByID(g.Label)) })
}

// owners is the set of owners of the tests under way.
func (ws windows) owners() map[*owner]bool {
	set := make(map[*owner]bool, len(ws))
	for _, w := range ws {
		set[w.owner] = true
	}
	return set
}

// still returns the goroutines of the test as the runtime prints them, which
// is where their state and their creator stand.
func (f *labelledFinder) still() []goroutine.Goroutine {
	out := f.printed(goroutine.Dump())
	judged := f.goleakJudges()
	return slices.DeleteFunc(out, func(g goroutine.Goroutine) bool {
		if f.cfg.knownGoroutine(g.ID) || judged != nil && g.ID != 0 && !judged[g.ID] {
			f.j.pardon(g.ID)
			return true
		}
		return g.OfRuntime() && !justBorn(g.Frames) || g.Bubble || inVerdict(g.Frames) || g.Runner() != goroutine.NotRunner ||
			f.wasNamed(g.ID)
	})
}

// wasNamed reports whether a verdict on the test, or on one below it, has named
// the goroutine.
func (f *labelledFinder) wasNamed(id int64) bool {
	f.j.mu.Lock()
	defer f.j.mu.Unlock()
	return f.w.named[id]
}

// printed returns those of a dump that are the test's.
func (f *labelledFinder) printed(dump []goroutine.Goroutine) []goroutine.Goroutine {
	var out []goroutine.Goroutine
	all, ok := goroutine.All()
	if !ok { // goroutines with equal stacks cannot be told apart
		for _, group := range f.groups() {
			out = append(out, pick(&dump, group)...)
		}
		return out
	}
	f.j.mu.Lock()
	defer f.j.mu.Unlock()
	f.subtests = make(map[int64]string)
	for i, g := range goroutine.Identify(all, dump) {
		if o := ownerByMark(all[i].Mark); f.w.owns(o) {
			out = append(out, g)
			if o.parent != nil && g.ID != 0 {
				f.subtests[g.ID] = o.name
			}
		}
	}
	return out
}

// pick takes as many goroutines out of the dump as the group counts. Those
// that have moved on since the profile are made up from the group.
func pick(dump *[]goroutine.Goroutine, group goroutine.Group) []goroutine.Goroutine {
	var out []goroutine.Goroutine
	*dump = slices.DeleteFunc(*dump, func(g goroutine.Goroutine) bool {
		if len(out) == group.Count || !g.Matches(group.Frames) {
			return false
		}
		out = append(out, g)
		return true
	})
	for len(out) < group.Count {
		out = append(out, goroutine.Goroutine{State: "running", Frames: group.Frames})
	}
	return out
}

// goleakJudges returns the goroutines that goleak finds with the user's
// options, nil without any.
func (f *labelledFinder) goleakJudges() map[int64]bool {
	if len(f.cfg.goleak) == 0 {
		return nil
	}
	ids := make(map[int64]bool)
	for _, g := range goleakFind(f.cfg.goleak) {
		ids[g.ID] = true
	}
	return ids
}

func (f *labelledFinder) find(now int64) []Leak {
	found := f.still()
	f.j.mu.Lock()
	for _, g := range found {
		f.w.markNamed(g.ID)
	}
	f.j.mu.Unlock()
	return f.j.describeGoroutines(found, time.Duration(now-f.w.began), func(g goroutine.Goroutine) string {
		return cmp.Or(f.subtests[g.ID], f.w.name)
	})
}
