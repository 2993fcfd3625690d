package instrument

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sampleWriter writes overlays for the sample package.
func sampleWriter(t *testing.T) writer {
	t.Helper()
	tc := sampleToolchain(t)
	for name, text := range map[string]string{
		"VERSION": tc.Version + "\n",
		"src/cmd/vendor/golang.org/x/sys/unix/unix.go": "package unix\n",
	} {
		name = filepath.Join(tc.GOROOT, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	return writer{
		cache: filepath.Join(t.TempDir(), "new", "cache"),
		tc:    tc,
		probes: []Probe{
			{Name: "finish", Package: "sample", Patch: func(p *Package) error {
				f, err := p.Function("", "finish")
				if err != nil {
					return err
				}
				f.Begin("patched()")
				return nil
			}},
			{Name: "gone", Package: "sample", Patch: func(p *Package) error {
				_, err := p.Function("", "gone")
				return err
			}},
		},
		engine: fstest.MapFS{"leakcheck/engine.go": {Data: []byte("package leakcheck\n")}},
	}
}

func write(t *testing.T, w writer) (Overlay, document) {
	t.Helper()
	o, err := w.write()
	require.NoError(t, err)
	text, err := os.ReadFile(o.File)
	require.NoError(t, err)
	var doc document
	require.NoError(t, json.Unmarshal(text, &doc))
	return o, doc
}

// content reads what the go command will read for a file of GOROOT.
func (w writer) content(t *testing.T, doc document, name string) string {
	t.Helper()
	actual, ok := doc.Replace[filepath.Join(w.tc.GOROOT, "src", name)]
	require.True(t, ok, "%s is not in the overlay", name)
	text, err := os.ReadFile(actual)
	require.NoError(t, err)
	return string(text)
}

func TestWhatAnOverlayHolds(t *testing.T) {
	w := sampleWriter(t)
	o, doc := write(t, w)
	assert.Contains(t, w.content(t, doc, "sample/sample.go"), "func finish(*FD) { patched();\n}")
	assert.Equal(t, "package leakcheck\n", w.content(t, doc, "testing/internal/leakcheck/leakcheck/engine.go"))
	assert.Equal(t, "package unix\n", w.content(t, doc, "testing/internal/unix.go"))
	assert.Len(t, doc.Replace, 3)
	assert.Equal(t, []LeftOut{{"gone", "sample: gone is not in go1.99 for linux/amd64"}}, o.LeftOut)
	assert.Empty(t, o.GOROOT)
	assert.Equal(t, []string{filepath.Base(filepath.Dir(o.File))}, entries(t, w.cache), "nothing else is left in the cache")
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func TestTheSameOverlayIsFoundAgain(t *testing.T) {
	w := sampleWriter(t)
	first, _ := write(t, w)
	before, err := os.Stat(first.File)
	require.NoError(t, err)
	second, _ := write(t, w)
	assert.Equal(t, first, second, "with what was left out")
	after, err := os.Stat(second.File)
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
}

func TestAnotherOverlayForAnythingElse(t *testing.T) {
	w := sampleWriter(t)
	seen := map[string]string{}
	see := func(what string, w writer) {
		o, _ := write(t, w)
		assert.Empty(t, seen[o.File], "%s: the overlay is that of %s", what, seen[o.File])
		seen[o.File] = what
	}
	see("the first", w)
	other := w
	other.tc.GOARCH = "arm64"
	see("another architecture", other)
	other = w
	other.tc.Version = "go1.98"
	see("another release", other)
	other = w
	other.engine = fstest.MapFS{"leakcheck/engine.go": {Data: []byte("package leakcheck // new\n")}}
	see("another engine", other)
	other = w
	other.base = userOverlay{"/src/a.go": "/tmp/b.go"}
	see("an overlay of the user", other)
	other.base = userOverlay{"/src/a.go": ""}
	see("another overlay of the user", other)

	file := filepath.Join(w.tc.GOROOT, "src", "sample", "sample.go")
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(file, later, later))
	see("a changed file of the toolchain", w)
	require.NoError(t, os.WriteFile(filepath.Join(w.tc.GOROOT, "src", "sample", "new.go"), []byte("package sample\n"), 0o666))
	see("a new file of the toolchain", w)
	require.NoError(t, os.WriteFile(filepath.Join(w.tc.GOROOT, "VERSION"), []byte("other"), 0o666))
	see("another VERSION", w)
}

func TestTheUsersOverlayIsMergedAndPatched(t *testing.T) {
	w := sampleWriter(t)
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.go")
	require.NoError(t, os.WriteFile(mine, []byte("package sample\n\nfunc finish() { mine() }\n"), 0o666))
	extra := filepath.Join(dir, "extra.go")
	require.NoError(t, os.WriteFile(extra, []byte("package sample\n\nfunc gone() {}\n"), 0o666))
	w.base = userOverlay{
		filepath.Join(w.tc.GOROOT, "src", "sample", "sample.go"): mine,
		filepath.Join(w.tc.GOROOT, "src", "sample", "extra.go"):  extra,
		filepath.Join(dir, "project", "a.go"):                    filepath.Join(dir, "b.go"),
		filepath.Join(dir, "project", "deleted.go"):              "",
	}
	o, doc := write(t, w)
	assert.Equal(t, "package sample\n\nfunc finish() { patched(); mine() }\n", w.content(t, doc, "sample/sample.go"))
	assert.Equal(t, "package sample\n\nfunc gone() {}\n", w.content(t, doc, "sample/extra.go"))
	assert.Equal(t, filepath.Join(dir, "b.go"), doc.Replace[filepath.Join(dir, "project", "a.go")])
	deleted, ok := doc.Replace[filepath.Join(dir, "project", "deleted.go")]
	assert.True(t, ok)
	assert.Empty(t, deleted)
	assert.Empty(t, o.LeftOut, "the user's file has what was missing")

	w.base = userOverlay{filepath.Join(w.tc.GOROOT, "src", "sample", "sample.go"): ""}
	o, _ = write(t, w)
	assert.Len(t, o.LeftOut, 2, "a deleted file has nothing")
}

func TestMapsOfTheUserAreNotChanged(t *testing.T) {
	w := sampleWriter(t)
	w.base = userOverlay{"/a.go": "/b.go"}
	write(t, w)
	assert.Equal(t, userOverlay{"/a.go": "/b.go"}, w.base)
}

func TestManyMayWriteAtOnce(t *testing.T) {
	w := sampleWriter(t)
	files := make([]string, 16)
	var wg sync.WaitGroup
	for i := range files {
		wg.Go(func() {
			o, err := w.write()
			assert.NoError(t, err)
			files[i] = o.File
		})
	}
	wg.Wait()
	for _, f := range files {
		assert.Equal(t, files[0], f)
	}
	assert.Len(t, entries(t, w.cache), 1)
}

func TestADamagedOverlayIsWrittenAnew(t *testing.T) {
	w := sampleWriter(t)
	damages := map[string]func(o Overlay, doc document) error{
		"a file is gone":  func(_ Overlay, doc document) error { return os.Remove(doc.Replace[w.tc.src("sample/sample.go")]) },
		"no document":     func(o Overlay, _ document) error { return os.Remove(o.File) },
		"half a document": func(o Overlay, _ document) error { return os.Truncate(o.File, 20) },
		"an empty one":    func(o Overlay, _ document) error { return os.Truncate(o.File, 0) },
		"an empty file":   func(_ Overlay, doc document) error { return os.Truncate(doc.Replace[w.tc.src("sample/sample.go")], 0) },
		"everything is":   func(o Overlay, _ document) error { return os.RemoveAll(filepath.Dir(o.File)) },
		"a file in its place": func(o Overlay, _ document) error {
			if err := os.RemoveAll(filepath.Dir(o.File)); err != nil {
				return err
			}
			return os.WriteFile(filepath.Dir(o.File), nil, 0o666)
		},
	}
	for what, damage := range damages {
		o, doc := write(t, w)
		require.NoError(t, damage(o, doc), what)
		again, doc := write(t, w)
		assert.Equal(t, o, again, what)
		assert.Contains(t, w.content(t, doc, "sample/sample.go"), "patched()", what)
		assert.Len(t, entries(t, w.cache), 1, what)
	}
}

func TestWhatWasLeftUnfinishedIsRemoved(t *testing.T) {
	w := sampleWriter(t)
	old, fresh, other := filepath.Join(w.cache, temporaryPrefix+"1"), filepath.Join(w.cache, temporaryPrefix+"2"), filepath.Join(w.cache, "run-1")
	for _, dir := range []string{old, fresh, other} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "src"), 0o777))
	}
	for _, dir := range []string{old, other} {
		past := time.Now().Add(-staleAfter - time.Hour)
		require.NoError(t, os.Chtimes(dir, past, past))
	}
	write(t, w)
	assert.NoDirExists(t, old)
	assert.DirExists(t, fresh, "somebody may be at it")
	assert.DirExists(t, other, "it is not of this package")
}

func TestACacheThatCannotBeWritten(t *testing.T) {
	w := sampleWriter(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	w.cache = filepath.Join(file, "cache")
	_, err := w.write()
	assert.ErrorContains(t, err, file)
	if runtime.GOOS != "windows" {
		assert.ErrorContains(t, err, "the cache directory "+w.cache+" is a file or below one: remove the file, or choose another directory")
	}
	assert.ErrorContains(t, w.advise(&fs.PathError{Op: "mkdir", Path: w.cache, Err: fs.ErrPermission}), "has to be one that can be written to: change its permissions, or choose another")
}

// TestAFullDisk needs the right to mount one in a namespace of its own.
func TestAFullDisk(t *testing.T) {
	if os.Getenv("FULL_DISK") != "" {
		w := sampleWriter(t)
		w.cache = os.Getenv("FULL_DISK")
		require.NoError(t, os.WriteFile(filepath.Join(w.cache, "big"), make([]byte, 12<<10), 0o666))
		_, err := w.write()
		assert.ErrorContains(t, err, "no space left on device: the cache directory "+w.cache+" takes some 3 MB for each Go release: free some space, or choose another directory")
		assert.Equal(t, []string{"big"}, entries(t, w.cache), "what was written is gone")
		return
	}
	dir := t.TempDir()
	cmd := exec.Command("unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=16k none "$FULL_DISK" && "$0" -test.run='^TestAFullDisk$' -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), "FULL_DISK="+dir)
	out, err := cmd.CombinedOutput()
	if !strings.Contains(string(out), "=== RUN") {
		t.Skipf("a small file system cannot be mounted here: %v\n%s", err, out)
	}
	assert.NoError(t, err, "%s", out)
}
