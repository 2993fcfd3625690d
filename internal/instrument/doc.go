// Package instrument derives from a Go toolchain's own standard library one
// that records what is opened and closed, as an overlay for the go command
// (go help build, -overlay). Nothing outside GOROOT is replaced, so that the
// tested project, whatever its shape, is built as it stands.
//
//   - internal/testlog gets a copy of package recorder: every patched package
//     may import it, and reports to it.
//   - The functions that open and close are patched by syntax tree, each by a
//     probe. Lines keep their numbers: what is inserted stands on the line
//     before it, and new functions stand in a file of their own.
//   - testing/internal/testdeps, which only the main package that go test
//     generates imports, imports a copy of this module's leakcheck package,
//     which lives in the overlay below testing/internal/leakcheck.
package instrument
