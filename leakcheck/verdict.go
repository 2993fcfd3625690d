package leakcheck

import (
	"slices"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/process"
)

// Pauses between two looks of a verdict that would fail.
const (
	firstPause = 100 * time.Microsecond
	lastPause  = 128 * time.Millisecond
)

// A scope says what one verdict is about.
type scope struct {
	subject    string
	cfg        *config
	began      int64 // what is in the scope was opened after this
	started    int64 // when the verdict began to look; 0 is not yet
	entries    func(*entry) bool
	owns       func(*owner) bool // says who is in the scope; nil if that is not how it is told
	tracked    func() bool       // there may be entries; nil if it is not known
	goroutines goroutineFinder
	mappings   []process.Mapping // at the beginning
	mapped     bool              // mappings are looked at
	place      Frame             // where the subject stands
	oneTest    bool              // all of it is the subject's
	pardonHeld bool              // see bare.go
}

// live reports whether e is in the scope and must be closed still.
func (s *scope) live(e *entry) bool { return s.entries(e) && !e.excused() }

// findings are what a verdict has in hand. They only ever become fewer.
type findings struct {
	sightings  []*sighting
	live       []*entry // tracked, and still there
	lost       []*entry // tracked, collected without a Close
	final      []Leak   // over already
	goroutines bool     // there are some to be judged
	mappings   []process.Mapping
}

func (f *findings) clean() bool {
	return !f.mayClose() && len(f.lost) == 0 && len(f.final) == 0
}

// mayClose reports whether waiting can make a difference.
func (f *findings) mayClose() bool {
	return len(f.sightings) > 0 || len(f.live) > 0 || f.goroutines || len(f.mappings) > 0
}

// onlyGarbage reports whether all there is are tracked objects that need no
// Close: if nothing refers to them they are gone with the next collection.
func (f *findings) onlyGarbage() bool {
	return len(f.live) > 0 && len(f.sightings) == 0 && !f.goroutines && len(f.mappings) == 0 &&
		!slices.ContainsFunc(f.live, func(e *entry) bool { return e.closer() })
}

// verdict decides about sightings, which the caller took from the ledger, and
// about everything else in the scope. It first looks, then waits, and collects
// garbage last: a checker that collects first hides what it was asked to find.
func (j *judge) verdict(s *scope, sightings []*sighting) Report {
	f := &findings{sightings: sightings}
	if s.started == 0 {
		s.started = j.clock.Now()
	}
	// From the first thing found to the last look nothing may vanish because a
	// collection happens to run: it would count as closed. To look for
	// goroutines alone takes memory enough to bring one on.
	var hold *gcHold
	defer func() { hold.release() }()
	if len(sightings) > 0 {
		hold = holdGC()
	}
	j.lookAround(s, f)
	if f.clean() {
		return newReport(s.subject, nil, nil)
	}
	if hold == nil {
		hold = holdGC()
	}
	defer j.foldMappings(s)
	j.discount(s, f)
	j.settle(s, f)
	if f.clean() {
		return newReport(s.subject, nil, nil)
	}
	return j.classify(s, f)
}

// lookAround adds to f what is not a descriptor or a child.
func (j *judge) lookAround(s *scope, f *findings) {
	if s.tracked == nil || s.tracked() {
		f.live = j.live(s)
		f.lost = j.takeLost(s)
	}
	f.final = j.takeFinal(s)
	f.goroutines = s.goroutines.first()
	f.mappings = j.newMappings(s)
}

// takeLost takes the lost entries of a scope that have no excuse by now.
func (j *judge) takeLost(s *scope) []*entry {
	return slices.DeleteFunc(j.tracker.takeLost(s.entries), func(e *entry) bool {
		defer e.forgetExcuse()
		return e.excused()
	})
}

// discount removes what is nobody's leak and what the options accept whatever
// its state, so that no verdict waits for it.
func (j *judge) discount(s *scope, f *findings) {
	now := j.clock.Now()
	accepted := make(map[*entry]bool) // of the object or of its descriptor
	for _, e := range f.live {
		accepted[e] = s.cfg.knownEntry(e) || s.cfg.accepts(leakOfEntry(e, Held, now))
	}
	f.sightings = slices.DeleteFunc(f.sightings, func(g *sighting) bool {
		drop := s.cfg.known(g.resource) || j.belongsToNobody(g) || s.cfg.accepts(j.leakOfSighting(g, now))
		if g.entry == nil {
			return drop
		}
		accepted[g.entry] = accepted[g.entry] || drop
		return accepted[g.entry] || g.entry.reported()
	})
	f.live = slices.DeleteFunc(f.live, func(e *entry) bool { return accepted[e] })
	f.mappings = slices.DeleteFunc(f.mappings, func(m process.Mapping) bool {
		return s.cfg.knownMapping(m) || s.cfg.accepts(j.leakOfMapping(s, m, now))
	})
	if f.goroutines && s.cfg.accepts(Leak{Kind: "goroutine"}) {
		s.goroutines.find(now) // no later verdict names them
		f.goroutines = false
	}
}

// untilCollection is how long a verdict waits before it collects garbage, where
// it may do so before the grace is over.
const untilCollection = 20 * time.Millisecond

// settle looks again with growing pauses until all is closed or the grace is
// over. Where openings are recorded it collects garbage early: a finalizer that
// closes something says what, so nothing is hidden by that, and what is lost
// need not be waited for, since nobody is left who could close it.
func (j *judge) settle(s *scope, f *findings) {
	waited, collected := time.Duration(0), false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		early := j.openings != nil && waited >= untilCollection && len(f.sightings)+len(f.live) > 0
		if !collected && (early || f.onlyGarbage()) {
			collect(j.clock)
			collected = true
			j.refresh(s, f)
		}
		// The clock stands still in a bubble where it cannot be read past it.
		waited = max(waited, time.Duration(j.clock.Now()-s.started))
		left := s.cfg.grace - waited
		if !f.mayClose() || left <= 0 {
			return
		}
		pause = min(pause, left)
		j.clock.Sleep(pause)
		waited += pause
		j.refresh(s, f)
	}
}

// refresh drops from f what was closed since the last look, and pipes that
// turn out to be nobody's: while a copy is under way, with bytes in the pipe,
// they look like any other.
func (j *judge) refresh(s *scope, f *findings) {
	j.dropClosed(f)
	f.sightings = slices.DeleteFunc(f.sightings, func(g *sighting) bool { return g.fd.IsPipe() && j.belongsToNobody(g) })
	if len(f.live) > 0 {
		f.lost = append(f.lost, j.takeLost(s)...)
		live := j.live(s)
		f.live = slices.DeleteFunc(f.live, func(e *entry) bool { return !slices.Contains(live, e) })
	}
	if f.goroutines {
		f.goroutines = s.goroutines.again()
	}
	if len(f.mappings) > 0 {
		now := j.newMappings(s)
		f.mappings = slices.DeleteFunc(f.mappings, func(m process.Mapping) bool {
			return len(process.DiffMappings(now, []process.Mapping{m})) > 0
		})
	}
}

// dropClosed looks at the descriptors and children once more and drops from f
// what is gone.
func (j *judge) dropClosed(f *findings) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.look(j.windows.running())
	f.sightings = slices.DeleteFunc(f.sightings, func(g *sighting) bool {
		if g.gone && g.lost != nil {
			f.final = append(f.final, *g.lost)
		}
		return g.gone
	})
}

// classify describes what is left, collects garbage, and calls lost what that
// made vanish and held what it did not.
func (j *judge) classify(s *scope, f *findings) Report {
	now := j.clock.Now()
	found := make(map[*sighting]Leak)
	for _, g := range f.sightings {
		found[g] = j.leakOfSighting(g, now)
	}
	// What is gone by now was closed while it was described: by the program,
	// since the collector is held.
	j.dropClosed(f)
	before := slices.Clone(f.sightings)
	mapped, leaks := slices.Clone(f.mappings), slices.Clone(f.final)
	notes := j.notes()
	if !collect(j.clock) {
		notes = append(notes, "a finalizer of the program blocks: what is lost may be listed as held")
	}
	j.refresh(s, f)

	for _, g := range before {
		l := found[g]
		if l.State = Held; g.gone {
			l.State = Lost
		}
		leaks = append(leaks, l)
	}
	leaks = mergeProcesses(leaks)
	for _, m := range mapped {
		l := j.leakOfMapping(s, m, now)
		if !slices.Contains(f.mappings, m) {
			l.State = Lost
		}
		if e := f.takeMapped(m.Path); e != nil {
			l.mergeEntry(e, now)
		}
		leaks = append(leaks, l)
	}
	f.dropMerged(before)
	leaks = append(leaks, j.leaksOfEntries(s, f, now)...)
	if f.goroutines {
		leaks = append(leaks, s.goroutines.find(now)...)
	}
	leaks = mergeConnections(leaks)
	leaks = mergeDatabase(mergeTwins(leaks))
	if s.pardonHeld {
		leaks, notes = pardonHeld(leaks, notes)
	}
	leaks = slices.DeleteFunc(leaks, s.cfg.ignores)
	j.nameEnds(leaks)
	return newReport(s.subject, leaks, notes)
}

// leaksOfEntries lists the tracked objects of f and marks them, so that no
// later verdict names them again.
func (j *judge) leaksOfEntries(s *scope, f *findings, now int64) []Leak {
	var leaks []Leak
	for _, e := range f.live {
		e.markReported()
		leaks = append(leaks, leakOfEntry(e, Held, now))
	}
	for _, e := range f.lost {
		if !s.cfg.knownEntry(e) {
			leaks = append(leaks, leakOfEntry(e, Lost, now))
		}
	}
	return leaks
}
