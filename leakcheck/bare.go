package leakcheck

import (
	"slices"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/goroutine"
)

// bare reaches a verdict about everything opened since the last one. It is
// what VerifyNone does where nothing marked the beginning of the test.
//
// Without a beginning it cannot tell what TestMain or a package's
// initialisation opened from what the test did, and without labels it cannot
// tell tests apart that run side by side. Where either is in doubt it blames
// nobody, or names all it could have been. A test that waits in t.Parallel and
// has done so since the last bare verdict is not in doubt.
//
// sequential says that the caller is a test that did not call t.Parallel: then
// it is not blamed for what was there when an earlier test began that Check
// covers.
func (j *judge) bare(name string, place Frame, sequential bool, cfg *config) Report {
	w := &window{name: name, place: place, state: ended}
	started := j.clock.Now()
	began, hold := j.lookBefore(w)
	defer hold.release()
	dump := goroutine.Dump()
	company := companyIn(dump)
	j.mu.Lock()
	first := !j.judged && !(sequential && j.sealed > 0)
	j.look(append(j.windows.running(), w))
	exact := company.idleSince(j.company)
	after := j.bareSeq
	j.company, j.bareSeq = company, j.tracker.lastSeq()
	sightings := j.ledger.take(func(g *sighting) bool {
		return g.over() && (company.none() || !exact || !g.shared) &&
			!(sequential && len(g.suspects) == 0 && g.seq < j.sealed)
	})
	fold := j.fold
	j.judged = true
	j.mu.Unlock()

	s := &scope{
		subject: name,
		cfg:     cfg,
		began:   began,
		started: started,
		entries: func(e *entry) bool { return !e.reported() && !e.openedByMain() },
		oneTest: true,
		mapped:  false,
	}
	find := &unlabelledFinder{j: j, cfg: cfg, fold: fold, began: began, ours: true, mine: !company.none()}
	s.goroutines = find
	switch {
	case company.none():
	case exact:
		s.entries = func(e *entry) bool { return e.seq > after && !e.reported() && !e.openedByMain() }
	default:
		j.giveBack(sightings)
		sightings = nil
		s.entries = func(*entry) bool { return false }
	}
	if first {
		sightings = slices.DeleteFunc(sightings, j.beforeRun)
	}
	if len(sightings) == 0 && !j.tracker.any(s.entries) && !find.first() {
		return newReport(name, nil, nil)
	}
	s.pardonHeld = first && hasTestMain(dump)
	r := j.verdict(s, sightings)
	if company.none() {
		j.foldGoroutines()
	}
	if slices.ContainsFunc(r.Leaks, func(l Leak) bool { return len(l.Suspects) > 0 }) {
		r.Subject = "tests that ran beside " + name
	}
	return r
}

// lookBefore looks on behalf of w before the goroutines are listed: that takes
// memory, where there are many enough of it to bring on a collection, which
// closes what was dropped. If there is something to lose it holds the
// collector. It also returns the time of the look before.
func (j *judge) lookBefore(w *window) (last int64, hold *gcHold) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last = j.looked
	j.look(append(j.windows.running(), w))
	if j.ledger.pending() {
		hold = holdGC()
	}
	return last, hold
}

// giveBack leaves sightings to the first verdict that runs alone, with the
// tests so far as suspects.
func (j *judge) giveBack(sightings []*sighting) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, g := range sightings {
		g.taken, g.shared = false, true
	}
}

// foldGoroutines makes the goroutines of now part of the baseline.
func (j *judge) foldGoroutines() {
	ids := goroutineIDs()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fold = ids
}

// beforeRun reports whether a descriptor was opened before the testing package
// began to run tests: its number is below that of a file which testing opens
// just before. The kernel gives out the lowest free number.
func (j *judge) beforeRun(g *sighting) bool {
	if g.child.PID != 0 {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, k := range j.table {
		if k.FD > g.fd.FD && ofTesting(k) {
			return true
		}
	}
	return false
}

// A company is the other tests that are under way at one moment.
type company struct {
	busy   bool
	paused map[int64]bool // in t.Parallel, by goroutine
}

// companyIn lists the tests other than the caller's. dump begins with the
// caller.
func companyIn(dump []goroutine.Goroutine) company {
	c := company{paused: make(map[int64]bool)}
	for _, g := range dump[1:] {
		switch g.Runner() {
		case goroutine.Busy:
			c.busy = true
		case goroutine.Paused:
			c.paused[g.ID] = true
		}
	}
	return c
}

func (c company) none() bool { return !c.busy && len(c.paused) == 0 }

// idleSince reports whether none of c can have opened anything since an
// earlier moment: all are paused, and were then. A test pauses but once.
func (c company) idleSince(earlier company) bool {
	for id := range c.paused {
		if !earlier.paused[id] {
			return false
		}
	}
	return !c.busy
}

// hasTestMain reports whether a TestMain of the package called m.Run.
func hasTestMain(dump []goroutine.Goroutine) bool {
	i := slices.IndexFunc(dump, func(g goroutine.Goroutine) bool { return g.ID == mainGoroutine })
	return i >= 0 && slices.ContainsFunc(dump[i].Frames, func(f goroutine.Frame) bool {
		return strings.HasSuffix(f.Function, ".TestMain")
	})
}

// pardonHeld drops what the first bare verdict of a package with a TestMain
// finds held: TestMain may have opened it for all tests to use.
func pardonHeld(leaks []Leak, notes []string) ([]Leak, []string) {
	n := len(leaks)
	leaks = slices.DeleteFunc(leaks, func(l Leak) bool {
		return l.State == Held && l.Kind != "goroutine" && l.Stack == nil
	})
	if len(leaks) < n {
		notes = append(notes, "what TestMain may have opened was not judged: use leakcheck.Check(t), or leakcheck.Run in TestMain")
	}
	return leaks, notes
}
