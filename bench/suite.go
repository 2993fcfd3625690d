package main

import (
	"fmt"
	"os"
	"time"
)

// A whole suite is timed as a user would: the wall time of a test binary, from
// its start to its end. The package in the directory suite has tests of the
// ordinary kind, of which none sleeps; it is built twice, once with a TestMain
// that calls leakcheck.Main and once without any trace of leakcheck, and the
// two take turns.

const (
	suiteRounds = 11
	suiteTime   = 15 * time.Second // after which no round begins but the third
	suiteBudget = 1.05
	// suiteTests and suiteTimes: how many tests the directory has, and how
	// often each runs.
	suiteTests = 10
	suiteTimes = 30
)

// wall returns the nanoseconds that a run of the binary takes.
func (b testBinary) wall(args ...string) (float64, error) {
	began := time.Now()
	_, err := b.run(args...)
	return float64(time.Since(began)), err
}

func suiteRows(t *table) error {
	dir, err := os.MkdirTemp("", "suite")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	plain, err := buildTests("./suite", dir)
	if err != nil {
		return err
	}
	judged, err := buildTests("./suite", dir, "-tags=leakcheck")
	if err != nil {
		return err
	}
	got, err := taking(judged, plain)
	if err != nil {
		return err
	}
	t.add(row{
		what: fmt.Sprintf("suite of %d tests, wall time, Main", suiteTests*suiteTimes),
		own:  got[0].median(), unit: duration,
		peer: "plain go test", peersOwn: got[1].median(), ratio: got[0].over(got[1]),
		budget: budget{ratio: suiteBudget},
	})
	return nil
}

// taking runs the suite with each binary in turns, once more than is counted:
// the first run of a binary reads it from disk.
func taking(binaries ...testBinary) ([]timing, error) {
	got := make([]timing, len(binaries))
	began := time.Now()
	for round := range suiteRounds + 1 {
		if enough(round-1, began, suiteTime) {
			break
		}
		for turn := range binaries {
			i := (turn + round) % len(binaries)
			ns, err := binaries[i].wall(fmt.Sprintf("-test.count=%d", suiteTimes))
			if err != nil {
				return nil, err
			}
			if round > 0 {
				got[i].perRound = append(got[i].perRound, ns)
			}
		}
	}
	return got, nil
}
