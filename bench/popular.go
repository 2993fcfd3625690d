package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// What leakcheck test costs a project is timed with the tests of modules that
// many use, as they are in the Go module proxy. The processor time is what is
// compared, of whole runs of test binaries: where tests sleep it is the
// steadier of the two, and the verdict on a test without leaks waits for
// nothing. The ratio of the wall times stands beside it.
//
// A test that leaks is left out of both runs, for a verdict on a leak takes
// its grace, which is not what this is about. What cannot be measured, most
// often for want of a network, is said in the row.

const (
	popularRounds = 25
	popularTime   = 18 * time.Second // after which no round begins but the third
)

// A popularSuite is the tests of one package.
type popularSuite struct {
	name            string // in the table
	module, version string
	pkg             string   // below the module
	args            []string // of the test binary
}

var popularSuites = []popularSuite{
	{ // dials and accepts, in tests of some milliseconds
		name:   "gorilla/websocket",
		module: "github.com/gorilla/websocket", version: "v1.5.3", pkg: ".",
	},
	{ // computes, in 2,500 subtests
		name:   "BurntSushi/toml",
		module: "github.com/BurntSushi/toml", version: "v1.5.0", pkg: ".",
	},
	{ // computes, and starts goroutines
		name:   "x/net/http2, tests of the server",
		module: "golang.org/x/net", version: "v0.42.0", pkg: "./http2",
		args: []string{"-test.run=^TestServer"},
	},
	{ // opens 1,300 files, and does little else
		name:   "peterbourgon/diskv, 3 leaking tests skipped",
		module: "github.com/peterbourgon/diskv/v3", version: "v3.0.1", pkg: ".",
		args: []string{"-test.skip=^(TestAtomicWrite|TestZlib|TestIssue17)$"},
	},
}

// popularRows fails only if the command cannot be built: the rest depends on
// the network and on the modules.
func popularRows(t *table) error {
	dir, err := os.MkdirTemp("", "popular")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	command, err := buildCommand(dir)
	if err != nil {
		return err
	}
	for _, s := range popularSuites {
		t.add(s.row(command, dir))
	}
	return nil
}

// row measures the suite. What it builds stays in the directory into.
func (s popularSuite) row(command testCommand, into string) row {
	r := row{what: s.name + ", CPU, leakcheck test"}
	runs, err := s.runs(command, into)
	if err != nil {
		r.note = unmeasured(err)
		return r
	}
	own, peers := runs[0].cpu(), runs[1].cpu()
	r.own, r.unit = own.median(), duration
	r.peer, r.peersOwn, r.ratio = plainPeer, peers.median(), own.over(peers)
	r.budget = budget{ratio: suiteBudget}
	r.note = "wall time " + times(runs[0].wall().over(runs[1].wall()))
	return r
}

// runs returns those with leakcheck test and those with go test.
func (s popularSuite) runs(command testCommand, into string) ([]testRuns, error) {
	dir, err := memoryDir()
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	sources := filepath.Join(dir, "module")
	if err := fetch(s.module, s.version, sources); err != nil {
		return nil, err
	}
	recorded, plain, err := command.twice(sources, s.pkg, filepath.Join(into, strings.ReplaceAll(s.module, "/", "-")))
	if err != nil {
		return nil, err
	}
	return taking(popularRounds, popularTime, s.args, recorded, plain)
}

// memoryDir makes a directory that is in memory where there is a place for
// such: how long a disk takes changes more from run to run than what is
// measured here.
func memoryDir() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "popular"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "popular")
}

// leaked is what the listing of a leak begins with.
var leaked = regexp.MustCompile(`leakcheck: (.+ leaked .+)`)

// unmeasured says in a line why something was not measured.
func unmeasured(err error) string {
	if m := leaked.FindStringSubmatch(err.Error()); m != nil {
		return "not measured: " + m[1]
	}
	what, output, _ := strings.Cut(err.Error(), "\n")
	if cause, _, _ := strings.Cut(output, "\n"); cause != "" {
		what += ": " + cause
	}
	return "not measured: " + what
}
