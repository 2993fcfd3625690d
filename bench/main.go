// Command bench measures leakcheck and its peers side by side, in one run on
// one machine, and prints one table with the budgets of the project:
//
//	cd bench && go run .
//
// A budget that is missed is printed as missed, and by how much. The exit code
// is 0 all the same: how long something takes on a busy machine decides about
// no build. It is 1 if something could not be measured; but rows about other
// people's modules, which are downloaded, say so themselves.
//
// How each kind of row is measured stands in the file of its name: tracker.go,
// standins.go, copying.go, census.go, failing.go, verdict.go, suite.go, and for
// the command leakcheck test opening.go and popular.go. What they share is in
// stopwatch.go and binary.go: who is compared takes turns, in rounds of some
// tens of milliseconds where that is possible, so that a neighbour on the
// machine slows all of them.
//
// The operations of one process are ordinary benchmarks too: go test -bench .
// (without turns, so good for profiles and for comparing one with its former
// self).
package main

import (
	"fmt"
	"os"
)

// sections are the parts of the table. The tracker comes first, while no test
// has begun in this process.
var sections = []func(*table) error{
	trackerRows,
	standinRows,
	copyingRows,
	censusRows,
	failingRows,
	verdictRows,
	suiteRows,
	openingRows,
	popularRows,
}

func main() {
	var t table
	for _, section := range sections {
		if err := section(&t); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
	fmt.Print(&t)
}
