package instrument

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

// downloaded is the toolchain that runs this test as if the go command had
// downloaded it into a module cache.
func downloaded(t *testing.T) Toolchain {
	t.Helper()
	tc := toolchain(t)
	tc.GOMODCACHE = t.TempDir()
	goroot := filepath.Join(tc.GOMODCACHE, "golang.org", "toolchain@v0.0.1-go1.99")
	require.NoError(t, os.MkdirAll(goroot, 0o777))
	entries, err := os.ReadDir(tc.GOROOT)
	require.NoError(t, err)
	for _, e := range entries {
		if err := os.Symlink(filepath.Join(tc.GOROOT, e.Name()), filepath.Join(goroot, e.Name())); err != nil {
			t.Skip(err)
		}
	}
	tc.GOROOT = goroot
	return tc
}

func TestADownloadedToolchainGetsAnotherPath(t *testing.T) {
	tc := downloaded(t)
	base := map[string]string{tc.src("os/file.go"): "/tmp/file.go", "/project/a.go": ""}
	w := writer{t.TempDir(), tc, base, nil, engine.FS}
	o, err := w.write()
	require.NoError(t, err)
	again, err := w.write()
	require.NoError(t, err)
	assert.Equal(t, o, again)
	require.NotEmpty(t, o.GOROOT)
	for _, name := range []string{"bin/go", "src/runtime/proc.go", "VERSION", "pkg/tool"} {
		_, err := os.Stat(filepath.Join(o.GOROOT, name))
		assert.NoError(t, err)
	}
	doc, ok := read(filepath.Dir(o.File))
	require.True(t, ok)
	assert.Equal(t, "/tmp/file.go", doc.Replace[filepath.Join(o.GOROOT, "src/os/file.go")])
	assert.Contains(t, doc.Replace, "/project/a.go")
	for path := range doc.Replace {
		assert.False(t, strings.HasPrefix(path, tc.GOMODCACHE), path)
	}
}

// TestTheGoCommandTakesTheOtherPath is also about why there is one.
func TestTheGoCommandTakesTheOtherPath(t *testing.T) {
	tc := downloaded(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o666))
	list := func(goroot, overlay string) (string, error) {
		cmd := exec.Command(filepath.Join(goroot, "bin", "go"), "list", "-overlay="+overlay, "-f", "{{.GoFiles}}", recorderPath, enginePath)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOROOT="+goroot, "GOTOOLCHAIN=local", "GOFLAGS=", "GOMODCACHE="+tc.GOMODCACHE)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	w := writer{t.TempDir(), tc, nil, nil, engine.FS}
	o, err := w.write()
	require.NoError(t, err)
	out, err := list(o.GOROOT, o.File)
	require.NoError(t, err, out)
	assert.Contains(t, out, "leakcheck_record.go")
	assert.Contains(t, out, "attached.go")

	w.tc.GOMODCACHE = ""
	o, err = w.write()
	require.NoError(t, err)
	assert.Empty(t, o.GOROOT)
	out, err = list(tc.GOROOT, o.File)
	assert.Error(t, err)
	assert.Contains(t, out, "must not be replaced")
}
