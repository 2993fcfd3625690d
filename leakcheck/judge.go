package leakcheck

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/label"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A judge knows what was open at the baseline, looks at the process whenever a
// test begins or ends, and keeps what has been opened since and who may have
// done it. There is one for the process; the tests make their own.
type judge struct {
	sys     system
	clock   clock.Clock
	tracker *Tracker
	// openings is nil unless they are recorded.
	openings openings

	mu        sync.Mutex // held for every look, so that no look sees another's descriptors
	known     bool       // a baseline was taken
	judged    bool       // a verdict about everything was reached
	table     fdtable.Table
	spare     fdtable.Table
	children  []process.Child
	lookBegan int64 // when, on the clock, the last look but one began
	looking   int64 // when the last look began
	looked    int64 // when it ended
	ledger    ledger
	windows   windows
	byT       map[TestingT]*window
	quiet     quietCount
	reported  map[int64]bool    // goroutines that a verdict has named
	mistaken  map[string]int    // those named under another number, by function
	fold      map[int64]bool    // goroutines of the last bare verdict
	company   company           // of the last bare verdict
	bareSeq   uint64            // of the newest tracked object then
	sealed    uint64            // sightings below it are older than any sequential test under way
	blind     error             // why descriptors could not be read
	wholeRun  bool              // Run is under way and judges what belongs to nobody
	leftovers []Leak            // of groups and examples, for the end of the package
	final     []verdictless     // for the verdict on their owner
	ends      map[string]bool   // of connections, that a verdict has named
	mapped    []process.Mapping // judged by the verdict of a test
}

func newJudge(sys system, c clock.Clock, t *Tracker) *judge {
	return &judge{
		sys:      sys,
		clock:    c,
		tracker:  t,
		byT:      make(map[TestingT]*window),
		reported: make(map[int64]bool),
		mistaken: make(map[string]int),
	}
}

// rebase makes what is open now the baseline.
func (j *judge) rebase() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.known = false
	j.look(nil)
}

// look takes a census and enters what changed since the last one. What is new
// was opened by one of suspects. The first look is the baseline.
func (j *judge) look(suspects []*window) {
	first := !j.known
	j.lookBegan, j.looking = j.looking, j.clock.Now()
	if first {
		j.ledger, j.sealed = ledger{}, 0
	}
	j.lookAtDescriptors(first, suspects)
	j.lookAtChildren(first, suspects)
	j.adopt()
	j.looked = j.clock.Now()
	j.known = true
}

func (j *judge) lookAtDescriptors(first bool, suspects []*window) {
	table, err := j.sys.Descriptors(j.spare[:0])
	if j.blind = err; err != nil {
		return
	}
	if !first {
		opened, closed := fdtable.Diff(j.table, table)
		for _, k := range closed {
			j.ledger.closed(resource{fd: k})
		}
		for _, k := range opened {
			j.opened(resource{fd: k}, suspects)
		}
	}
	j.table, j.spare = table, j.table
	j.reopened(suspects)
}

// lookAtChildren leaves the last list in place when it cannot be read, as it
// may be at the descriptor limit: the next look will show what changed.
func (j *judge) lookAtChildren(first bool, suspects []*window) {
	children, err := j.sys.Children()
	if err != nil {
		return
	}
	if !first {
		for _, c := range process.DiffChildren(children, j.children) {
			j.ledger.closed(resource{child: c})
		}
		for _, c := range process.DiffChildren(j.children, children) {
			j.opened(resource{child: c}, suspects)
		}
	}
	j.children = children
}

// begin opens the window of a test, on the goroutine of the test.
func (j *judge) begin(w *window) {
	w.owner = newOwner(w.name)
	w.owner.window = w
	j.mu.Lock()
	defer j.mu.Unlock()
	j.windows.beginning(w)
	j.look(j.windows.running())
	w.sightings = j.ledger.next
	j.windows.begin(w)
	w.began, w.seq = j.clock.Now(), j.tracker.lastSeq()
	j.quiet.note(j.windows)
	w.created, _ = goroutinesCreated()
	j.beginMappings(w)
	if w.t != nil && keyable(w.t) {
		j.byT[w.t] = w
	}
}

// end closes the window of a test that is over and reaches its verdict. group
// is about what it and tests that ran beside it may have left, once the last
// of them has ended.
func (j *judge) end(w *window, cfg *config) (own, group Report) {
	j.mu.Lock()
	j.windows.ending(w)
	suspects := j.windows.running()
	alone := len(suspects) == 1 && !w.isParallel()
	j.look(suspects)
	quiet := w.startedNone() || j.wholeRun && len(j.windows) >= crowd && j.quiet.quiet(j.windows)
	j.windows.end(w)
	if w.ranAlone() {
		j.sealed = w.sightings + 1
	}
	delete(j.byT, w.t)
	sightings := j.ledger.take(func(g *sighting) bool { return g.over() && g.suspects != nil && w.suspectOf(g) })
	j.mu.Unlock()
	return split(j.verdict(j.windowScope(w, cfg, alone, quiet), sightings))
}

// midway reaches a verdict about a test that goes on.
func (j *judge) midway(w *window, cfg *config) Report {
	j.mu.Lock()
	suspects := j.windows.running()
	j.look(suspects)
	sightings := j.ledger.take(func(g *sighting) bool { return len(g.suspects) == 1 && w.suspectOf(g) })
	j.mu.Unlock()
	return j.verdict(j.windowScope(w, cfg, len(suspects) == 1, false), sightings)
}

func (j *judge) windowScope(w *window, cfg *config, alone, quiet bool) *scope {
	return &scope{
		subject:    w.name,
		cfg:        cfg,
		began:      w.began,
		entries:    func(e *entry) bool { return !e.reported() && (w.owns(e.owner) || alone && w.mayOwn(e)) },
		tracked:    func() bool { j.tracker.gather(); return w.tracked() },
		goroutines: &labelledFinder{j: j, w: w, cfg: cfg, quiet: quiet},
		owns:       w.owns,
		oneTest:    true,
		mappings:   w.mappings,
		mapped:     cfg.mappings && alone && w.mapped || j.openings != nil,
		place:      w.place,
	}
}

// split separates what parallel tests share from what is the subject's own.
func split(r Report) (own, group Report) {
	var mine, shared []Leak
	for _, l := range r.Leaks {
		if len(l.Suspects) > 0 {
			shared = append(shared, l)
		} else {
			mine = append(mine, l)
		}
	}
	return newReport(r.Subject, mine, r.Notes), newReport("tests that ran in parallel", shared, nil)
}

// suspectOf reports whether w or a test below it may have opened g.
func (w *window) suspectOf(g *sighting) bool {
	return slices.ContainsFunc(g.suspects, func(s *window) bool { return s.within(w) })
}

// mayOwn reports whether e, of which the owner cannot be known for want of
// marks, was tracked since w began. That tells only if w ran alone.
func (w *window) mayOwn(e *entry) bool {
	return !label.Supported && e.owner == nil && e.seq > w.seq
}

// tracked reports whether any tracked object of w is live or lost.
func (w *window) tracked() bool {
	return !label.Supported || !w.each(func(sub *window) bool {
		return sub.owner.live.Load() == 0 && sub.owner.lost.Load() == 0
	})
}

// windowAt returns the open window of t itself, nil if it has none.
func (j *judge) windowAt(t TestingT) *window {
	if t == nil || !keyable(t) {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.byT[t]
}

// windowOf returns the open window that covers t: its own, or that of the test
// on whose behalf the calling goroutine runs. It is nil for neither.
func (j *judge) windowOf(t TestingT) *window {
	if w := j.windowAt(t); w != nil {
		return w
	}
	o := currentOwner()
	j.mu.Lock()
	defer j.mu.Unlock()
	if r := j.windows.running(); !label.Supported && len(r) == 1 {
		return r[0]
	}
	if o == nil {
		return nil
	}
	i := slices.Index(j.windows, o.test().window)
	if i < 0 {
		return nil
	}
	return j.windows[i]
}

func (j *judge) setJudgesAll(on bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wholeRun = on
}

// judgesAll reports whether Run will judge what belongs to nobody.
func (j *judge) judgesAll() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.wholeRun
}

// keep leaves what r found to the verdict at the end of the package.
func (j *judge) keep(r Report) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.leftovers = append(j.leftovers, r.Leaks...)
}

// notes says what could not be checked.
func (j *judge) notes() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.blind == nil {
		return nil
	}
	if errors.Is(j.blind, fdtable.ErrUnsupported) {
		return []string{j.blind.Error()}
	}
	return []string{fmt.Sprintf("descriptors were not checked: %v", j.blind)}
}

// blindness is the error of a verdict that could not look at descriptors
// though the system shows them: to pass would be to claim what was not
// checked. Under Run it is told once, at the end.
func (j *judge) blindness() []error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wholeRun || j.blind == nil || errors.Is(j.blind, fdtable.ErrUnsupported) {
		return nil
	}
	return []error{fmt.Errorf("descriptors were not checked: %w", j.blind)}
}
