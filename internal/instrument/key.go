package instrument

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// own is the source of this package: other edits make another overlay.
//
//go:embed *.go
var own embed.FS

// key is a hash of everything that the overlay depends on. Files of the
// toolchain and those of the user's overlay count by size and time.
func (w writer) key() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", []string{w.cache, w.tc.GOROOT, w.tc.Version, w.tc.GOOS, w.tc.GOARCH})
	for _, p := range w.probes {
		fmt.Fprintf(h, "probe %q %q\n", p.Name, p.Package)
	}
	for _, files := range []fs.FS{own, w.engine} {
		if err := hashContents(h, files); err != nil {
			return "", err
		}
	}
	version, err := os.ReadFile(filepath.Join(w.tc.GOROOT, "VERSION"))
	if err != nil && !os.IsNotExist(err) { // a development tree has none
		return "", err
	}
	fmt.Fprintf(h, "VERSION %q\n", version)
	for _, dir := range w.directories() {
		hashDirectory(h, dir)
	}
	for _, path := range slices.Sorted(maps.Keys(w.base)) {
		fmt.Fprintf(h, "replace %q %q", path, w.base[path])
		hashStat(h, w.base[path])
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// directories are those of the toolchain that the overlay is derived from.
func (w writer) directories() []string {
	dirs := []string{w.tc.src("cmd/vendor/" + unixModule)}
	for _, p := range w.probes {
		dirs = append(dirs, w.tc.src(p.Package))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func hashContents(h hash.Hash, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		fmt.Fprintf(h, "%q %d\n", name, len(text))
		h.Write(text)
		return err
	})
}

// hashDirectory leaves it to who reads the directory to report what is amiss.
func hashDirectory(h hash.Hash, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		fmt.Fprintf(h, "%q", e.Name())
		hashStat(h, filepath.Join(dir, e.Name()))
	}
}

func hashStat(h hash.Hash, path string) {
	if info, err := os.Stat(path); err == nil {
		fmt.Fprintf(h, " %d %d", info.Size(), info.ModTime().UnixNano())
	}
	fmt.Fprintln(h)
}
