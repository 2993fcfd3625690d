package leakcheck

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// TestingM is the minimal subset of [testing.M] that Main and Run need.
type TestingM interface {
	Run() int
}

// Exit codes of Run that are not the tests' own.
const (
	exitLeak  = 1
	exitUsage = 2
)

// Main runs the tests of a package, judges every one of them by itself, and
// exits. Use it as
//
//	func TestMain(m *testing.M) { leakcheck.Main(m) }
//
// Each test, subtests included, is failed for what it leaves open, by name and
// also under t.Parallel; fuzz targets and benchmarks likewise. After the last
// one a verdict about the package names what belongs to nobody: what examples
// left, what parallel tests left that cannot be pinned on one of them, what
// goroutines without a test opened, and file mappings. The exit code is 1 if
// anything leaked though all tests passed.
//
// What is open when Main is called is not a leak.
func Main(m TestingM, opts ...Option) { os.Exit(Run(m, opts...)) }

// Run is [Main] without the exit: it returns the exit code, for a TestMain that
// has something to tear down after the tests. A nil m, and an option or a
// LEAKCHECK variable that cannot be read, are told on standard error, and the
// exit code is then 2 without a test having run.
func Run(m TestingM, opts ...Option) int {
	if m == nil || isNil(m) {
		return refuse(fmt.Errorf("leakcheck.Run: m is nil: pass the *testing.M of TestMain"))
	}
	cfg := newConfig(opts)
	defer cfg.release()
	if len(cfg.errs) > 0 {
		return refuse(cfg.errs...)
	}
	if cfg.mode == modeOff || tellLinked(true, opts) {
		return m.Run()
	}
	return self.run(m, cfg, opts)
}

func refuse(errs ...error) int {
	for _, err := range errs {
		fmt.Fprintln(os.Stderr, "leakcheck:", err)
	}
	return exitUsage
}

func (j *judge) run(m TestingM, cfg *config, opts []Option) int {
	end := j.beginRun(cfg)
	unwrap := j.judgeTests(m, opts)
	defer unwrap()
	return j.endRun(end, m.Run())
}

// beginRun makes what is open now the baseline of all tests.
func (j *judge) beginRun(cfg *config) *scope {
	j.rebase()
	end := j.packageScope(cfg, j.presence())
	j.setJudgesAll(true)
	return end
}

// judgeTests puts each test of m under judgement until unwrap is called.
func (j *judge) judgeTests(m TestingM, opts []Option) (unwrap func()) {
	if !flag.Parsed() {
		flag.Parse() // as (*testing.M).Run does; the flags say what not to judge
	}
	unwrap, err := j.wrapTests(m, opts)
	if err != nil {
		fmt.Fprintf(os.Stderr, "leakcheck: %v\nleakcheck: tests are not judged one by one, but once at the end of the package\n", err)
	}
	return unwrap
}

// endRun reaches the verdict about the package and returns the exit code.
func (j *judge) endRun(end *scope, code int) int {
	if isFuzzWorker() {
		return code
	}
	cfg := end.cfg
	r := j.packageVerdict(end)
	j.setJudgesAll(false)
	blind := j.blindness()
	if r.Total > 0 {
		fmt.Fprint(os.Stderr, r)
		published(r)
	}
	for _, err := range blind {
		fmt.Fprintln(os.Stderr, "leakcheck:", err)
	}
	if code == 0 && cfg.mode == modeFail && (r.Total > 0 || len(blind) > 0) {
		return exitLeak
	}
	return code
}

// declaration is where the function of a test stands.
func declaration(f reflect.Value) Frame {
	fn := runtime.FuncForPC(f.Pointer())
	if fn == nil {
		return Frame{}
	}
	file, line := fn.FileLine(fn.Entry())
	return Frame{Function: fn.Name(), File: file, Line: line}
}

// A coveredT is what the testing package passes to a test.
type coveredT interface {
	TestingT
	cleaner
}

// coverBenchmark covers one call of a benchmark. The testing package calls it
// again with a greater b.N until it takes long enough, and runs the cleanups of
// each call with the clock stopped; the beginning is kept off the clock here.
func (j *judge) coverBenchmark(w *window, b benchmark) {
	b.StopTimer()
	j.cover(w, b)
	b.StartTimer()
}

type benchmark interface {
	coveredT
	StopTimer()
	StartTimer()
}

// wrapExample judges the func() of an example. It has nobody to fail, so what
// it leaves is named at the end of the package.
func wrapExample(j *judge, name string, original reflect.Value, opts []Option) reflect.Value {
	example, ok := original.Interface().(func())
	if !ok {
		return original
	}
	return reflect.ValueOf(func() {
		w := &window{name: name, place: declaration(original), base: opts, onMain: true}
		j.begin(w)
		defer func() {
			label.Clear() // examples run on the main goroutine, one after another
			cfg := w.config()
			own, group := j.end(w, cfg)
			j.keep(own)
			j.keep(group)
		}()
		example()
	})
}

// isFuzzWorker reports whether this process is one that go test -fuzz started
// to try inputs in: its coordinator judges.
func isFuzzWorker() bool { return flagValue("test.fuzzworker") == "true" }
