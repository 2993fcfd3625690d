package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A clean verdict is timed in test binaries with the real testing package: the
// package in the directory empty, whose tests do nothing, run a few hundred
// times over. A run reports the time from the first test to the last, by
// test. Of that the time of a run with nobody to judge is taken off, so that
// what is left is what the judge adds to a test, beginning and end. Runs of
// leakcheck, goleak and nobody take turns.
//
// All have as many goroutines parked as the row says, since before the first
// test. goleak is told once to ignore those; without that each of its
// verdicts would fail, and to ask it at the beginning of each test, as is
// usual, would double its time.

const (
	verdictRounds = 5
	verdictTime   = 6 * time.Second // after which no round begins but the third
	verdictBudget = 0.5
)

// A judge is one way to judge a test, as the flag of the test binary has it.
type judge string

const (
	byNobody judge = "nobody"
	byMain   judge = "main"
	byCheck  judge = "check"
	byGoleak judge = "goleak"
)

// emptyTests is how many tests the directory empty has.
const emptyTests = 10

// buildTests compiles the tests of a directory into another.
func buildTests(dir, into string, args ...string) (testBinary, error) {
	name := filepath.Base(dir) + strings.Join(args, "") + ".test"
	return goTest.build(".", dir, filepath.Join(into, name), args...)
}

// timeOf returns the nanoseconds for one of n empty tests, all judged by j.
func (b testBinary) timeOf(j judge, parked, n int) (float64, error) {
	return b.figure("ns per test",
		"-judge="+string(j),
		"-parked="+strconv.Itoa(parked),
		"-test.count="+strconv.Itoa(n/emptyTests),
	)
}

func verdictRows(t *table) error {
	dir, err := os.MkdirTemp("", "verdict")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := buildTests("./empty", dir)
	if err != nil {
		return err
	}
	for _, parked := range []int{10, 100, 1000} {
		got, err := judged(b, parked)
		if err != nil {
			return err
		}
		theirs := got[byGoleak].less(got[byNobody])
		for _, own := range []struct {
			judge judge
			name  string
		}{{byMain, "Main"}, {byCheck, "Check"}} {
			ours := got[own.judge].less(got[byNobody])
			t.add(row{
				what: fmt.Sprintf("clean verdict, %s, %s goroutines parked", own.name, thousands(parked)),
				own:  ours.median(), unit: duration,
				peer: "goleak.VerifyNone", peersOwn: theirs.median(), ratio: ours.over(theirs),
				budget: budget{ratio: verdictBudget},
			})
		}
	}
	return nil
}

// judged times the empty tests under each judge, in turns.
func judged(b testBinary, parked int) (map[judge]timing, error) {
	judges := []judge{byNobody, byMain, byCheck, byGoleak}
	got := make(map[judge]timing)
	began := time.Now()
	for round := range verdictRounds {
		if enough(round, began, verdictTime) {
			break
		}
		for turn := range judges {
			j := judges[(turn+round)%len(judges)]
			ns, err := b.timeOf(j, parked, emptyRuns(j, parked))
			if err != nil {
				return nil, err
			}
			got[j] = timing{append(got[j].perRound, ns)}
		}
	}
	return got, nil
}

// enough reports whether, on a slow machine, a round that was planned is left
// out: three there are in any case.
func enough(round int, began time.Time, limit time.Duration) bool {
	return round >= 3 && time.Since(began) > limit
}

// emptyRuns is how many tests make a run of about a tenth of a second. A run
// that looks at every goroutine takes longer the more there are.
func emptyRuns(j judge, parked int) int {
	n := 2000
	switch j {
	case byCheck:
		n = 200_000 / (parked + 100)
	case byGoleak:
		n = 20_000 / (parked + 20)
	}
	return max(3, n/emptyTests) * emptyTests
}

// thousands formats a number with a comma.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
