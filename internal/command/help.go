package command

import (
	"fmt"
	"os"
)

const usage = `Leakcheck finds what tests leave open: files, connections, goroutines, child
processes, file mappings. It runs go test on a module as it stands.

usage:

	leakcheck test [flags] [go test flags] [packages]
	leakcheck version

For the flags, run leakcheck help test.
`

const testUsage = `usage: leakcheck test [flags] [go test flags] [packages] [flags of the tests]

Runs go test with the opens and closes of the standard library recorded. A test
that leaves something open fails, with a listing of what it is and of the line
that opened it. The exit code is that of go test, or 2 if it could not be run.

	leakcheck test ./...
	leakcheck test -leak.mode=warn -race -run Export ./export
	leakcheck test -leak.ignore=path='*.log' -leak.ignore=kind=pipe ./...

	-leak.mode=fail|warn      fail the test, or only report (default fail)
	-leak.ignore=kind=K       accept leaks of a kind, such as file or tcp
	-leak.ignore=path=GLOB    accept files, as path/filepath.Match matches
	-leak.ignore=func=NAME    accept what has the function on its stack
	-leak.grace=DURATION      wait for what closes late (default 2s)
	-leak.allowlost           accept what the garbage collector would close
	-leak.report=FILE         write all reports as JSON too

All other flags are those of go test: see go help test and go help testflag.
$LEAKCHECK_CACHE is where the overlay is kept, if not in the user's cache.
`

func help(topics []string) (int, error) {
	switch {
	case len(topics) == 0:
		return 0, show(os.Stdout, usage)
	case len(topics) == 1 && topics[0] == "test":
		return 0, show(os.Stdout, testUsage)
	}
	return exitFailure, fmt.Errorf("no help on %q: run leakcheck help", topics)
}
