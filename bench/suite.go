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
	plainPeer   = "plain go test"
	// suiteTests and suiteTimes: how many tests the directory has, and how
	// often each runs.
	suiteTests = 10
	suiteTimes = 30
)

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
	runs, err := taking(suiteRounds, suiteTime, []string{fmt.Sprintf("-test.count=%d", suiteTimes)}, judged, plain)
	if err != nil {
		return err
	}
	own, peers := runs[0].wall(), runs[1].wall()
	t.add(row{
		what: fmt.Sprintf("suite of %d tests, wall time, Main", suiteTests*suiteTimes),
		own:  own.median(), unit: duration,
		peer: plainPeer, peersOwn: peers.median(), ratio: own.over(peers),
		budget: budget{ratio: suiteBudget},
	})
	return nil
}
