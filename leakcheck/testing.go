package leakcheck

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
)

// TestingT is the minimal subset of [testing.TB] that a verdict needs. Where
// the value has more of its methods (Helper, Logf, Failed, Name, Cleanup) they
// are used too.
type TestingT interface {
	Errorf(format string, args ...any)
}

// The optional methods of a TestingT.
type (
	helper interface{ Helper() }
	logger interface {
		Logf(format string, args ...any)
	}
	failer  interface{ Failed() bool }
	namer   interface{ Name() string }
	cleaner interface{ Cleanup(func()) }
)

// VerifyNone fails t if anything is open that was not at the baseline:
// descriptors, tracked objects, goroutines, child processes. Use it as
//
//	defer leakcheck.VerifyNone(t)
//
// The baseline is the last verdict, or the start of the process if there was
// none. In a test that is covered by [Check] or [Main] it only adds its options
// to that verdict, which comes after the cleanups of the test while a deferred
// call comes before them: what a t.Cleanup closes needs Check or Main.
//
// Tests that run in parallel and only defer VerifyNone cannot be told apart.
// What is found while another test runs is left to the first call that runs
// alone, which names the suspects; [Check] and [Main] are exact.
//
// It never calls FailNow. If the test has already failed or is panicking the
// leaks are logged and no failure is added. A nil t panics.
func VerifyNone(t TestingT, opts ...Option) {
	mustHaveT("VerifyNone", t)
	if h, ok := t.(helper); ok {
		h.Helper()
	}
	if w := self.windowOf(t); w != nil {
		w.add(opts)
		return
	}
	cfg := newConfig(opts)
	defer cfg.release()
	if tellLinked(false, opts) {
		publish(t, cfg, Report{})
		return
	}
	if self.judgesAll() || cfg.mode == modeOff {
		publish(t, cfg, Report{})
		return
	}
	parallel := parallelOf(t)
	r := self.bare(nameOf(t), caller(1), parallel != nil && !parallel(), cfg)
	cfg.errs = append(cfg.errs, self.blindness()...)
	publish(t, cfg, r)
}

// Check marks the beginning of t and fails it if anything that it opens is
// still open after its last cleanup. Call it first:
//
//	func TestExport(t *testing.T) {
//		leakcheck.Check(t)
//
// Call it on the goroutine of the test: everything that one starts from here on
// is known to be the test's own, also while other tests run in parallel. Under [Main], or called twice, it
// only adds its options. A nil t panics; a t without a Cleanup method is
// failed with an error, as there is no moment for the verdict.
func Check(t TestingT, opts ...Option) {
	mustHaveT("Check", t)
	if h, ok := t.(helper); ok {
		h.Helper()
	}
	if w := self.windowAt(t); w != nil {
		w.add(opts)
		self.beginMappings(w)
		return
	}
	c, ok := t.(cleaner)
	if ok && tellLinked(false, opts) {
		cfg := newConfig(opts)
		c.Cleanup(cfg.release)
		publish(t, cfg, Report{})
		return
	}
	if !ok {
		t.Errorf("leakcheck.Check: %T has no Cleanup method to judge in: use defer leakcheck.VerifyNone(t)", t)
		return
	}
	self.cover(&window{name: nameOf(t), place: caller(1), parent: self.windowOf(t), t: t, opts: opts}, c)
}

// cover opens the window of a test and registers its verdict, first of all
// cleanups so that it runs last.
func (j *judge) cover(w *window, c cleaner) {
	t := w.t
	if h, ok := t.(helper); ok {
		h.Helper()
	}
	cfg := w.config()
	if cfg.mode == modeOff {
		cfg.release()
		return
	}
	w.parallel = parallelOf(t)
	j.begin(w)
	c.Cleanup(func() {
		if h, ok := t.(helper); ok {
			h.Helper()
		}
		j.conclude(w)
	})
}

// conclude ends w and publishes its verdict.
func (j *judge) conclude(w *window) {
	if h, ok := w.t.(helper); ok {
		h.Helper()
	}
	cfg := w.config()
	defer cfg.release()
	own, group := j.end(w, cfg)
	cfg.errs = append(cfg.errs, j.blindness()...)
	publish(w.t, cfg, own)
	if group.Total == 0 {
		return
	}
	if j.judgesAll() {
		j.keep(group)
		return
	}
	publish(w.t, cfg, group)
}

// Find reaches a verdict without a test to fail: inside a test covered by
// [Check] or [Main] about what that test has opened so far, elsewhere about
// everything since the last verdict or the start of the process. What it
// reports becomes part of the baseline, as with every verdict: no later one
// names it again. Errors in the options or the environment are notes of the
// report.
func Find(opts ...Option) Report {
	if w := self.windowOf(nil); w != nil {
		defer newConfig(opts).release()
		cfg := w.config(opts...)
		return withErrors(self.midway(w, cfg), cfg)
	}
	cfg := newConfig(opts)
	defer cfg.release()
	if cfg.mode == modeOff {
		return withErrors(newReport("the process", nil, nil), cfg)
	}
	return withErrors(self.bare("the process", Frame{}, false, cfg), cfg)
}

func withErrors(r Report, cfg *config) Report {
	for _, err := range cfg.errs {
		r.Notes = append(r.Notes, err.Error())
	}
	return r
}

// published is called with every report that lists a leak.
var published = func(Report) {}

// publish tells t of the report and of errors in the configuration.
func publish(t TestingT, cfg *config, r Report) {
	if r.Total == 0 && len(r.Notes) == 0 && len(cfg.errs) == 0 {
		return
	}
	if h, ok := t.(helper); ok {
		h.Helper()
	}
	if r.Total > 0 {
		published(r)
	}
	add := cfg.mode != modeWarn && !failing(t)
	for _, err := range cfg.errs {
		t.Errorf("leakcheck: %v", err)
	}
	switch {
	case r.Total == 0 && len(r.Notes) == 0:
	case r.Total == 0 || !add:
		logf(t, "%s", r)
	default:
		t.Errorf("%s", r)
	}
}

// logf logs to t, or to standard error if t cannot log.
func logf(t TestingT, format string, args ...any) {
	if l, ok := t.(logger); ok {
		if h, ok := t.(helper); ok {
			h.Helper()
		}
		l.Logf(format, args...)
		return
	}
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// failing reports whether the test has a message of its own already: it has
// failed, or a panic is on its way up through the verdict.
func failing(t TestingT) bool {
	if f, ok := t.(failer); ok && f.Failed() {
		return true
	}
	return panicking()
}

// panicking reports whether the calling deferred function runs because of a
// panic. The testing package marks the test as failed only after that, and to
// recover the panic in order to see it would change how it is printed.
func panicking() bool {
	return onStack(func(function string) bool { return function == "runtime.gopanic" })
}

// onStack reports whether a function that the caller looks for called it.
func onStack(wanted func(function string) bool) bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if wanted(f.Function) {
			return true
		}
		if !more {
			return false
		}
	}
}

// caller returns the line that called the function which calls it, skip calls
// further out.
func caller(skip int) Frame {
	pcs := make([]uintptr, 1)
	if runtime.Callers(skip+2, pcs) == 0 {
		return Frame{}
	}
	f, _ := runtime.CallersFrames(pcs).Next()
	if strings.HasPrefix(f.Function, "runtime.") {
		return Frame{} // a deferred call on the way out
	}
	return Frame{Function: f.Function, File: f.File, Line: f.Line}
}

func nameOf(t TestingT) string {
	if n, ok := t.(namer); ok {
		return n.Name()
	}
	return "the test"
}

// mustHaveT panics on a nil t, the one mistake there is nobody to tell of.
func mustHaveT(function string, t TestingT) {
	if t == nil || isNil(t) {
		panic("leakcheck." + function + ": t is nil: pass the *testing.T of the test")
	}
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// keyable reports whether t can be looked up by identity.
func keyable(t TestingT) bool { return reflect.TypeOf(t).Kind() == reflect.Pointer }
