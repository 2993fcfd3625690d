package instrument

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// targets are the systems for which every probe has to fit.
var targets = []string{
	"linux/amd64", "linux/arm64", "linux/386", "linux/arm", "linux/riscv64",
	"linux/mips", "linux/mips64le", "linux/ppc64le", "linux/s390x", "linux/loong64",
	"darwin/amd64", "darwin/arm64", "freebsd/amd64", "windows/amd64",
}

// on is the toolchain that runs this test, building for another system.
func (tc Toolchain) on(target string) Toolchain {
	tc.GOOS, tc.GOARCH, _ = strings.Cut(target, "/")
	return tc
}

// TestEveryProbeFits tells when a Go release has moved what a probe patches.
func TestEveryProbeFits(t *testing.T) {
	tc := toolchain(t)
	for _, target := range targets {
		changed, left, err := patch(Probes, tc.on(target), nil)
		require.NoError(t, err, target)
		assert.Empty(t, left, target)
		for path, text := range changed {
			_, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
			assert.NoError(t, err, target)
		}
	}
}

func TestEveryProbeIsDescribed(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range Probes {
		assert.NotEmpty(t, p.Name)
		assert.NotEmpty(t, p.Records, p.Name)
		assert.False(t, names[p.Name], "two probes are called %q", p.Name)
		names[p.Name] = true
	}
}

// TestLinesKeepTheirNumbers is what makes stack traces and coverage right.
func TestLinesKeepTheirNumbers(t *testing.T) {
	tc := toolchain(t)
	for _, target := range []string{"linux/amd64", "darwin/arm64"} {
		changed, _, err := patch(Probes, tc.on(target), nil)
		require.NoError(t, err)
		for path, text := range changed {
			if filepath.Base(path) == ProbeFile {
				continue
			}
			original, err := os.ReadFile(path)
			require.NoError(t, err)
			before, after := declarationLines(t, original), declarationLines(t, text)
			require.GreaterOrEqual(t, len(after), len(before), path)
			assert.Equal(t, before, after[:len(before)], path)
		}
	}
}

// declarationLines are the first and last lines of all declarations, apart
// from the imports.
func declarationLines(t *testing.T, text []byte) (lines [][2]int) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, 0)
	require.NoError(t, err)
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			continue
		}
		lines = append(lines, [2]int{fset.Position(d.Pos()).Line, fset.Position(d.End()).Line})
	}
	return lines
}

// without returns a user's overlay in which a file of the standard library
// lacks what text says.
func without(t *testing.T, tc Toolchain, file, text, instead string) userOverlay {
	path := filepath.Join(tc.GOROOT, "src", filepath.FromSlash(file))
	original, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(original), text)
	changed := filepath.Join(t.TempDir(), "changed.go")
	require.NoError(t, os.WriteFile(changed, []byte(strings.ReplaceAll(string(original), text, instead)), 0o666))
	return userOverlay{path: changed}
}

func TestAProbeWithoutItsTargetIsLeftOut(t *testing.T) {
	tc := toolchain(t).on("linux/amd64")
	all, _, err := patch(Probes, tc, nil)
	require.NoError(t, err)

	base := without(t, tc, "os/proc.go", "func Exit(", "func Leave(")
	changed, left, err := patch(Probes, tc, base)
	require.NoError(t, err)
	assert.Equal(t, []LeftOut{{"os.Exit", "os: Exit is not in " + tc.Version + " for linux/amd64"}}, left)
	assert.Len(t, changed, len(all)-1, "all the others are there")

	base = without(t, tc, "internal/poll/fd_unix.go", "fd.SysFile.destroy(fd.Sysfd)", "syscall.Close(fd.Sysfd)")
	changed, left, err = patch(Probes, tc, base)
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, "internal/poll: (*FD).destroy calls fd.SysFile.destroy 0 times in "+tc.Version+", not once", left[0].Reason)
	for path := range changed {
		assert.NotEqual(t, "poll", filepath.Base(filepath.Dir(path)), "it was edited before the probe failed")
	}

	base = without(t, tc, "syscall/syscall_linux.go", "func Syscall(trap, a1, a2, a3 uintptr)", "func Syscall(number, a1, a2, a3 uintptr)")
	_, left, err = patch(Probes, tc, base)
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, "system calls", left[0].Probe)
	assert.Contains(t, left[0].Reason, "the parameters of Syscall are (number, a1, a2, a3, r1, r2, err) in "+tc.Version)
}

func TestWithoutAnEssentialProbeNothingWorks(t *testing.T) {
	tc := toolchain(t).on("linux/amd64")
	_, _, err := patch(Probes, tc, without(t, tc, "testing/testing.go", "func (m *M) Run() (code int)", "func (m *M) Run(int) (code int)"))
	assert.EqualError(t, err, "leakcheck cannot work with "+tc.Version+": testing: (*M).Run is func(int) int in "+tc.Version+", not func() int")
}
