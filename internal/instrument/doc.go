// Package instrument derives from a Go toolchain's own standard library one
// that records what is opened and closed, as an overlay for the go command
// (go help build, -overlay). Nothing outside GOROOT is replaced, so that the
// tested project, whatever its shape, is built as it stands.
//
//   - internal/testlog gets a copy of package recorder: every patched package
//     may import it, and reports to it.
//   - The functions that open and close are patched by syntax tree, each by a
//     [Probe]. Lines keep their numbers: what is inserted stands on the line
//     before it, and new functions stand in a file of their own. A probe that
//     finds its target missing or changed is left out, and says so.
//   - testing/internal/testdeps, which only the main package that go test
//     generates imports, imports a copy of this module's leakcheck package,
//     which lives in the overlay below testing/internal/leakcheck.
//
// [Write] writes the overlay into a cache directory, once for each toolchain.
//
// # Limits
//
// The compiler reads files through the overlay, other tools do not:
//
//   - The assembler changes to the directory of its package. So the copy of
//     golang.org/x/sys/unix, which is assembly in part, stands in a directory
//     that exists, and the rest of the engine does without.
//   - go vet changes to the directory of every package that the tested package
//     imports. So those import nothing whose directory does not exist.
//   - The cover tool reads the original files, and does not find the new ones:
//     -coverpkg must not name packages of the standard library.
//
// C code opens descriptors behind all of this.
package instrument
