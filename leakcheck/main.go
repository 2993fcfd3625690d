package leakcheck

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/goleak"
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
	if cfg.mode == modeOff {
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
	j.rebase()
	p := j.presence()
	end := j.packageScope(cfg, p)
	j.setJudgesAll(true)
	unwrap, err := j.wrapTests(m, opts)
	if err != nil {
		fmt.Fprintf(os.Stderr, "leakcheck: %v\nleakcheck: tests are not judged one by one, but once at the end of the package\n", err)
	}
	code := m.Run()
	unwrap()
	if isFuzzWorker() {
		return code
	}
	r := j.packageVerdict(end)
	j.setJudgesAll(false)
	blind := j.blindness()
	if r.Total > 0 {
		fmt.Fprint(os.Stderr, r)
	}
	for _, err := range blind {
		fmt.Fprintln(os.Stderr, "leakcheck:", err)
	}
	if code == 0 && cfg.mode == modeFail && (r.Total > 0 || len(blind) > 0) {
		return exitLeak
	}
	return code
}

// packageScope is all that no test's verdict names and that was not there at
// the beginning.
func (j *judge) packageScope(cfg *config, p *presence) *scope {
	began := j.clock.Now()
	return &scope{
		subject: "package " + packageName(),
		cfg:     cfg,
		began:   began,
		entries: func(e *entry) bool { return !e.reported() && e.seq > p.seq },
		goroutines: &unlabelledFinder{
			j: j, cfg: cfg, began: began,
			fold: []goleak.Option{p.option},
		},
		mappings: p.mappings,
		mapped:   true,
	}
}

func (j *judge) packageVerdict(s *scope) Report {
	j.mu.Lock()
	j.look(nil)
	sightings := j.ledger.take(func(*sighting) bool { return true })
	j.judged = true
	leftovers := j.leftovers
	j.leftovers = nil
	j.mu.Unlock()
	r := j.verdict(s, sightings)
	return newReport(s.subject, append(r.Leaks, leftovers...), r.Notes)
}

// packageName is the name of the test binary, which the go command derives
// from the package's import path.
func packageName() string {
	name := filepath.Base(os.Args[0])
	return strings.TrimSuffix(strings.TrimSuffix(name, ".exe"), ".test")
}

// isFuzzWorker reports whether this process is one that go test -fuzz started
// to try inputs in: its coordinator judges.
func isFuzzWorker() bool { return flagValue("test.fuzzworker") == "true" }
