package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// What recording an opening costs is timed in the package in the directory
// opening, whose test opens and closes as often as it is told and prints the
// time of one turn. It is built with leakcheck test and with go test, and runs
// of the two take turns. What the verdict on the test takes is not in it.

const (
	openingRounds = 10
	openingSlice  = 150 * time.Millisecond
)

// An operation is one thing that the test does, as its flag has it.
type operation struct{ flag, what string }

var operations = []operation{
	{"file", "os.Open + Close"},
	{"pipe", "os.Pipe + 2 Close"},
	{"connection", "Dial + Accept + 2 Close"},
}

// trial makes a trial of an operation, run by a test binary. What goes wrong
// first goes to failed.
func (o operation) trial(b testBinary, failed *error) trial {
	const enough = time.Hour // for whoever wants it to take longer
	return func(n int) time.Duration {
		if *failed != nil {
			return enough
		}
		ns, err := b.figure("ns for one", "-operation="+o.flag, fmt.Sprintf("-times=%d", n))
		if err != nil {
			*failed = err
			return enough
		}
		return time.Duration(ns * float64(n))
	}
}

func openingRows(t *table) error {
	dir, err := os.MkdirTemp("", "opening")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	command, err := buildCommand(dir)
	if err != nil {
		return err
	}
	recorded, plain, err := command.twice(".", "./opening", filepath.Join(dir, "opening"))
	if err != nil {
		return err
	}
	for _, o := range operations {
		got := sideBySide(openingRounds, openingSlice, o.trial(recorded, &err), o.trial(plain, &err))
		if err != nil {
			return err
		}
		t.add(row{
			what: o.what + ", leakcheck test",
			own:  got[0].median(), unit: duration,
			peer: plainPeer, peersOwn: got[1].median(), ratio: got[0].over(got[1]),
			note: duration(got[0].less(got[1]).median()) + " more",
		})
	}
	return nil
}
