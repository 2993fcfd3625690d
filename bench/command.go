package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// What leakcheck test costs is measured on test binaries that were built twice:
// by go test -c and by leakcheck test -c. How long building takes is not in the
// table.

// A testCommand is a command that builds and runs tests, with the arguments of
// go test.
type testCommand []string

var goTest = testCommand{"go", "test"}

// buildCommand builds leakcheck test from the sources that bench is part of,
// into a directory.
func buildCommand(into string) (testCommand, error) {
	path := filepath.Join(into, "leakcheck")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/leakcheck")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the command leakcheck: %w\n%s", err, out)
	}
	return testCommand{path, "test"}, nil
}

// build compiles the tests of a package, which is given as the go command wants
// it in the directory dir, to the file path. They will run in the directory of
// the package.
func (c testCommand) build(dir, pkg, path string, args ...string) (testBinary, error) {
	args = append([]string{"-c", "-o", path}, args...)
	cmd := exec.Command(c[0], append(c[1:len(c):len(c)], append(args, pkg)...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return testBinary{}, fmt.Errorf("building the tests of %s with %s: %w\n%s",
			pkg, strings.Join(append([]string{filepath.Base(c[0])}, c[1:]...), " "), err, out)
	}
	return testBinary{path: path, dir: filepath.Join(dir, pkg)}, nil
}

// twice compiles the tests of a package with leakcheck test and with go test,
// to files whose names begin with path.
func (c testCommand) twice(dir, pkg, path string) (recorded, plain testBinary, err error) {
	if plain, err = goTest.build(dir, pkg, path+".plain"); err != nil {
		return recorded, plain, err
	}
	recorded, err = c.build(dir, pkg, path+".recorded")
	return recorded, plain, err
}
