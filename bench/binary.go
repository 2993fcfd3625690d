package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A testBinary runs the tests of one package in its directory.
type testBinary struct{ path, dir string }

// A testRun is what came of running a test binary.
type testRun struct {
	out  string  // what it printed
	wall float64 // nanoseconds from its start to its end
	cpu  float64 // nanoseconds of processor time, its own and the kernel's for it
}

// run runs the tests, which have to pass. The settings of the environment are
// left out.
func (b testBinary) run(args ...string) (testRun, error) {
	cmd := exec.Command(b.path, args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "LEAKCHECK=", "LEAKCHECK_TEST=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return testRun{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(b.path), strings.Join(args, " "), err, out.String())
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return testRun{out.String(), float64(wall), float64(used)}, nil
}

// figure runs the tests and returns the number that they print after a label
// and a colon on a line of its own.
func (b testBinary) figure(label string, args ...string) (float64, error) {
	ran, err := b.run(args...)
	if err != nil {
		return 0, err
	}
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(label) + `: (\S+)$`)
	m := line.FindStringSubmatch(ran.out)
	if m == nil {
		return 0, fmt.Errorf("%s did not print %s:\n%s", filepath.Base(b.path), label, ran.out)
	}
	return strconv.ParseFloat(m[1], 64)
}

// testRuns are what came of running one binary, by round.
type testRuns []testRun

func (r testRuns) wall() (t timing) {
	for _, ran := range r {
		t.perRound = append(t.perRound, ran.wall)
	}
	return t
}

func (r testRuns) cpu() (t timing) {
	for _, ran := range r {
		t.perRound = append(t.perRound, ran.cpu)
	}
	return t
}

// taking runs the tests with each binary in turns, once more than is counted:
// the first run of a binary reads it from disk. On a slow machine no round
// begins after limit but the third.
func taking(rounds int, limit time.Duration, args []string, binaries ...testBinary) ([]testRuns, error) {
	got := make([]testRuns, len(binaries))
	began := time.Now()
	for round := range rounds + 1 {
		if enough(round-1, began, limit) {
			break
		}
		for turn := range binaries {
			i := (turn + round) % len(binaries)
			ran, err := binaries[i].run(args...)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				got[i] = append(got[i], ran)
			}
		}
	}
	return got, nil
}
