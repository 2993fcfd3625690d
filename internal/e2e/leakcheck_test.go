package e2e

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// onPath returns a Setup that puts the leakcheck command on PATH, with one
// cache for all scripts: the go command finds the recording standard library
// that it built for one of them again for the next.
func onPath(t *testing.T) func(*testscript.Env) {
	t.Helper()
	exe, err := command()
	require.NoError(t, err)
	cache := t.TempDir()
	return func(env *testscript.Env) {
		env.Setenv("PATH", filepath.Dir(exe)+string(os.PathListSeparator)+env.Getenv("PATH"))
		env.Setenv("LEAKCHECK_CACHE", cache)
	}
}

// mounts reports whether a process may mount a directory for itself alone.
func mounts() bool {
	return exec.Command("unshare", "-m", "mount", "--bind", root, root).Run() == nil
}

// trees is the key of the trees that a script remembers, by directory.
type trees struct{}

// cmdRemember notes what is in a directory.
func cmdRemember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: remember [DIR]")
	}
	dir := treeDir(ts, args)
	ts.Value(trees{}).(map[string]string)[dir] = listTree(ts, dir)
}

// cmdUntouched compares a directory with what was noted of it.
func cmdUntouched(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: untouched [DIR]")
	}
	dir := treeDir(ts, args)
	before, ok := ts.Value(trees{}).(map[string]string)[dir]
	if !ok {
		ts.Fatalf("%s was not remembered", dir)
	}
	if now := listTree(ts, dir); now != before {
		ts.Fatalf("%s has changed:\n%s", dir, diff.Diff("before", []byte(before), "now", []byte(now)))
	}
}

func treeDir(ts *testscript.TestScript, args []string) string {
	return ts.MkAbs(strings.Join(append([]string{"."}, args...), "/"))
}

// listTree lists all files below a directory but the temporary ones, with what
// a change would show in: mode, time of the last write, contents.
func listTree(ts *testscript.TestScript, dir string) string {
	var b strings.Builder
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == ts.Getenv("TMPDIR") {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %v", strings.TrimPrefix(path, dir), info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", sha256.Sum256(text))
		}
		b.WriteByte('\n')
		return nil
	}))
	return b.String()
}
