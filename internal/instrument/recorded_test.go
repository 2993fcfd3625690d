package instrument

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

// toolchain is the one that runs this test.
func toolchain(t *testing.T) Toolchain {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT", "GOVERSION", "GOOS", "GOARCH", "GOMODCACHE").Output()
	require.NoError(t, err)
	v := strings.Split(strings.TrimSpace(string(out)), "\n")
	return Toolchain{GOROOT: v[0], Version: v[1], GOOS: v[2], GOARCH: v[3], GOMODCACHE: v[4]}
}

// printer is an engine that prints what is recorded, in place of the leak
// checker.
func printer(t *testing.T) fs.FS {
	t.Helper()
	files := make(fstest.MapFS)
	copyFS := func(from fs.FS, dir string) {
		require.NoError(t, fs.WalkDir(from, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(from, name)
			files[name] = &fstest.MapFile{Data: text}
			return err
		}))
	}
	copyFS(engine.FS, recorderDir)
	copyFS(os.DirFS("testdata/engine"), ".")
	return files
}

// module copies a module out of testdata, with what it requires, so that the
// go command resolves nothing.
func module(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))))
	own, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	mod := strings.Replace(string(own), "module github.com/go-leakcheck/leakcheck", "module example.com/"+name, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o666))
	sums, err := os.ReadFile("../../go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o666))
	return dir
}

// goTest runs go test in dir and returns what it printed.
func goTest(dir string, environ []string, args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"test"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=-mod=mod"), environ...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// writePrinter writes an overlay with all probes and an engine that prints.
func writePrinter(t *testing.T) Overlay {
	t.Helper()
	o, err := writer{t.TempDir(), toolchain(t), nil, Probes, printer(t)}.write()
	require.NoError(t, err)
	require.Empty(t, o.LeftOut)
	return o
}

func TestWhatIsRecorded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the test opens what only Linux has")
	}
	want, err := os.ReadFile("testdata/recorded.golden")
	require.NoError(t, err)
	o := writePrinter(t)
	builds := map[string][]string{
		"plain":       nil,
		"race":        {"-race"}, // checks pointer conversions as well
		"unoptimized": {"-gcflags=all=-N -l"},
	}
	for name, flags := range builds {
		t.Run(name, func(t *testing.T) {
			if name != "plain" && testing.Short() {
				t.Skip("it builds the standard library once more")
			}
			if name == "race" && !raceSupported() {
				t.Skip("no race detector here")
			}
			args := append([]string{"-overlay=" + o.File, "-count=1", "-v"}, flags...)
			out, err := goTest(module(t, "recorded"), nil, args...)
			require.NoError(t, err, out)
			assert.Equal(t, string(want), recordings(out), out)
		})
	}
}

// recordings are the lines that the engine printed, sorted, for descriptors
// have no order.
func recordings(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if line, ok := strings.CutPrefix(line, "recorded: "); ok {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func raceSupported() bool {
	return exec.Command("go", "list", "-race", "-f", "", "runtime/race").Run() == nil
}

func TestTheExitCodeIsThatOfTheHook(t *testing.T) {
	o := writePrinter(t)
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("go.mod", "module example.com/recorded\n\ngo 1.26\n")
	for name, main := range map[string]string{
		"no TestMain":           "",
		"TestMain that returns": "func TestMain(m *testing.M) { m.Run() }",
		"TestMain that exits":   "func TestMain(m *testing.M) { os.Exit(m.Run()) }",
	} {
		write("a_test.go", "package recorded\nimport (\"os\"; \"testing\")\nvar _ = os.Exit\nfunc Test(t *testing.T) {}\n"+main)
		out, err := goTest(dir, []string{"EXIT=7"}, "-overlay="+o.File, "-count=1", "-v")
		assert.Error(t, err)
		assert.Equal(t, "exit 0\nrun\n", recordings(out), name)
		assert.Contains(t, out, "exit status 7", name)
	}
}

// TestRacesAreStillFound is about the recorder, which synchronises goroutines
// that had nothing to do with each other.
func TestRacesAreStillFound(t *testing.T) {
	if testing.Short() || !raceSupported() {
		t.Skip("it builds the standard library with the race detector")
	}
	o := writePrinter(t)
	out, err := goTest(module(t, "race"), nil, "-overlay="+o.File, "-race", "-count=1")
	assert.Error(t, err, out)
	assert.Contains(t, out, "WARNING: DATA RACE")
	assert.Equal(t, 1, strings.Count(out, "WARNING: DATA RACE"), "the recorder has none of its own:\n%s", out)
}

func TestResultsAreCached(t *testing.T) {
	o := writePrinter(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/recorded\n\ngo 1.26\n"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a_test.go"), []byte("package recorded\nimport \"testing\"\nfunc Test(t *testing.T) {}\n"), 0o666))
	first, err := goTest(dir, nil, "-overlay="+o.File, ".")
	require.NoError(t, err, first)
	second, err := goTest(dir, nil, "-overlay="+o.File, ".")
	require.NoError(t, err, second)
	assert.True(t, bytes.Contains([]byte(second), []byte("(cached)")), second)
}
