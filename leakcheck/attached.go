//go:build leakcheck_attached

package leakcheck

import (
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/go-leakcheck/leakcheck/internal/label"
	"github.com/go-leakcheck/leakcheck/internal/recorder"
)

// This file connects the package to a standard library that records what is
// opened and that says when tests begin and end. It is part of the package only
// in the copy that the leakcheck command puts into the standard library.

// variable names the environment variable with the settings. The tested program
// may use leakcheck itself, and has its own.
const variable = "LEAKCHECK_TEST"

// unknownOpener is what a listing says where no stack was recorded.
const unknownOpener = "not recorded: C code opened it, or another process passed it on"

func init() {
	self.openings = recorded{}
	lost := func(fd int, r *recorder.Record) { self.dropped(fd, openingFrom(r)) }
	recorder.OnLost.Store(&lost)
	recorder.SetObjects(objects{})
	recorder.SetTests(&tested)
	published = writeReport
}

func openingFrom(r *recorder.Record) *opening {
	if r == nil {
		return nil
	}
	return &opening{
		seq:     r.Seq,
		when:    r.When,
		owner:   ownerByMark(label.MarkOf(r.Label)),
		pcs:     r.Callers(),
		creator: r.Creator,
		cause:   openingFrom(r.Cause),
	}
}

// recorded is what the standard library recorded.
type recorded struct{}

func (recorded) descriptor(fd int) *opening { return openingFrom(recorder.Lookup(fd)) }

func (recorded) process(pid int) *opening { return openingFrom(recorder.Process(pid)) }

func (recorded) mappings() []recordedMapping {
	var all []recordedMapping
	for _, m := range recorder.Mappings() {
		all = append(all, recordedMapping{uint64(m.Start), uint64(m.End), openingFrom(m.Opened)})
	}
	return all
}

func (recorded) takeMisuses(keep func(misuse) bool) []misuse {
	var taken []misuse
	recorder.TakeMisuses(func(r recorder.Misuse) bool {
		m := misuse{r.FD, openingFrom(r.Opened), openingFrom(r.Closed), openingFrom(r.Reopened)}
		if !keep(m) {
			return false
		}
		taken = append(taken, m)
		return true
	})
	return taken
}

// objects tracks response bodies, rows and the like.
type objects struct{}

func (objects) Open(ptr any, kind, name string, excused func() bool, skip int) {
	e, err := self.tracker.enter(ptr, name, kind, skip+1)
	if err != nil {
		return
	}
	e.flags.Or(flagCloser)
	if excused != nil {
		e.excusable(excused)
	}
}

func (objects) Close(ptr any) { self.tracker.Untrack(ptr) }

// tested are the tests of this process.
var tested testRun

// A testRun judges tests.
type testRun struct {
	mu   sync.Mutex
	end  *scope   // of the package, once the tests have run
	opts []Option // of all tests
}

// Begin has each test of m judged by itself. What belongs to the package is
// judged when the program exits, for TestMain may have something to close.
func (t *testRun) Begin(m any) (end func(code int) int) {
	asItIs := func(code int) int { return code }
	tm, ok := m.(TestingM)
	if !ok || isReexecuted() {
		return asItIs
	}
	t.mu.Lock()
	opts := slices.Clone(t.opts)
	t.mu.Unlock()
	cfg := newConfig(opts)
	if len(cfg.errs) > 0 {
		os.Exit(refuse(cfg.errs...))
	}
	if cfg.mode == modeOff {
		return asItIs
	}
	t.mu.Lock()
	scope := t.end
	t.end = nil
	t.mu.Unlock()
	if scope == nil {
		scope = self.beginRun(cfg)
	}
	unwrap := self.judgeTests(tm, opts)
	return func(code int) int {
		unwrap()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.end = scope
		return code
	}
}

// Subtest makes what a subtest opens known by its name. Its verdict is that of
// the test it is part of: what one subtest opens, a later one may close.
func (t *testRun) Subtest(name string) {
	parent := currentOwner()
	if parent == nil || flagValue("test.fuzz") != "" {
		return
	}
	newSubowner(parent, name)
}

// newSubowner labels the calling goroutine as a subtest of parent that has no
// verdict of its own. All there is to know about it stands in the label, and
// lives as long as something refers to that.
func newSubowner(parent *owner, name string) {
	label.Set(parent.test().id + " " + name)
}

// Exit judges the package, if its tests have run.
func (t *testRun) Exit(code int) int {
	t.mu.Lock()
	end := t.end
	t.end = nil
	t.mu.Unlock()
	if end == nil {
		return code
	}
	return self.endRun(end, code)
}

// isReexecuted reports whether this is not the process that the go command
// started, but one that a test started from its own binary, to be a server or a
// client that it talks to: what it prints and how it exits is the test's
// business. The go command passes -test.paniconexit0.
func isReexecuted() bool {
	_, ours := syscall.Getenv(reportVariable)
	return ours && !slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.paniconexit0") })
}
