package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What leakcheck test costs a project is timed with the tests of modules that
// many use, as they are in the Go module proxy. The processor time is what is
// compared, of whole runs of test binaries: it is the steadier of the two where
// tests sleep and write to disks, and the verdict on a test without leaks waits
// for nothing. The ratio of the wall times stands beside it.
//
// A test that leaks is left out of both runs, for a verdict on a leak takes
// its grace, which is not what this is about. What cannot be measured, most
// often for want of a network, is said in the row.

const (
	popularRounds = 9
	popularTime   = 22 * time.Second // after which no round begins but the third
)

// A popularSuite is the tests of one package.
type popularSuite struct {
	name            string // in the table
	module, version string
	pkg             string   // below the module
	args            []string // of the test binary
}

var popularSuites = []popularSuite{
	{
		name:   "gorilla/websocket, 5 times", // dials and accepts
		module: "github.com/gorilla/websocket", version: "v1.5.3", pkg: ".",
		args: []string{"-test.count=5"},
	},
	{
		name:   "BurntSushi/toml, 5 times", // computes, in thousands of subtests
		module: "github.com/BurntSushi/toml", version: "v1.5.0", pkg: ".",
		args: []string{"-test.count=5"},
	},
	{
		name:   "peterbourgon/diskv, 5 times without 3 tests that leak", // opens files
		module: "github.com/peterbourgon/diskv/v3", version: "v3.0.1", pkg: ".",
		args: []string{"-test.count=5", "-test.skip=^(TestAtomicWrite|TestZlib|TestIssue17)$"},
	},
}

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
	for i, s := range popularSuites {
		t.add(s.row(command, filepath.Join(dir, strconv.Itoa(i))))
	}
	return nil
}

// row measures the suite, for which it may make files in a directory.
func (s popularSuite) row(command testCommand, dir string) row {
	r := row{what: s.name + ", CPU, leakcheck test"}
	runs, err := s.runs(command, dir)
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
func (s popularSuite) runs(command testCommand, dir string) ([]testRuns, error) {
	copied := filepath.Join(dir, "module")
	if err := fetch(s.module, s.version, copied); err != nil {
		return nil, err
	}
	recorded, plain, err := command.twice(copied, s.pkg, filepath.Join(dir, "tests"))
	if err != nil {
		return nil, err
	}
	return taking(popularRounds, popularTime, s.args, recorded, plain)
}

// leaked is what the listing of a leak begins with.
var leaked = regexp.MustCompile(`leakcheck: (.+ leaked .+)`)

// unmeasured says in a line why something was not measured.
func unmeasured(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if m := leaked.FindStringSubmatch(err.Error()); m != nil {
		text = m[1]
	}
	return "not measured: " + text
}
