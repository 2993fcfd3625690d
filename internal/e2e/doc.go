// Package e2e holds the end-to-end tests: scripts in testdata/script, at the
// root of the module, that run the real go command on small sample modules and
// compare what a user sees, the exit code and the listing.
//
// There is one script per rule, named for it. To run one:
//
//	go test ./internal/e2e -run Script/lost_file
//
// and to write what it prints now into its golden listings:
//
//	go test ./internal/e2e -run Script/lost_file -update
//
// The scripts are those of github.com/rogpeppe/go-internal/testscript, with
// these commands on top:
//
//   - module NAME [DIR] writes DIR/go.mod and DIR/go.sum (by default here): a
//     module that requires this checkout and exactly what it requires, so that
//     the go command has nothing to resolve and needs no network.
//   - exits CODE PROGRAM [ARG...] runs a program as exec does, and expects this
//     exit code.
//   - [!] listing WANT [stdout|stderr|FILE] compares what the last command
//     printed (by default stdout, where go test prints) with a golden file,
//     after writing a word for all that varies from run to run: see normalise.
//   - remember [DIR] notes all that is in a directory (by default here), and
//     untouched [DIR] expects it to be so still.
//
// The leakcheck command, built from this checkout, is on PATH. The scripts
// whose names begin with lt_ are about it. Its cache is one for all scripts of
// a run. GOFLAGS is -mod=mod, for the sake of module; a script about a module
// that needs nothing sets it to nothing, as users have it.
//
// The condition [hideproc] is true where the system lets a test hide /proc,
// [mounts] where it lets a test mount a directory.
//
// $ROOT is the root of the checkout. LEAKCHECK is not set.
package e2e
