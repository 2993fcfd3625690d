package instrument

import (
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// A Toolchain is the Go installation that builds the tests, and what it builds
// them for: what go env prints.
type Toolchain struct {
	GOROOT     string
	Version    string // GOVERSION, "go1.26.8"
	GOOS       string
	GOARCH     string
	GOMODCACHE string
}

// src is the directory of a package of the standard library.
func (tc Toolchain) src(importPath string) string {
	return filepath.Join(tc.GOROOT, "src", filepath.FromSlash(importPath))
}

// constraints decides which files of a directory are built, given further
// build tags.
func (tc Toolchain) constraints(files userOverlay, tags ...string) *build.Context {
	ctx := build.Default
	ctx.GOROOT = tc.GOROOT
	ctx.GOOS = tc.GOOS
	ctx.GOARCH = tc.GOARCH
	ctx.Compiler = "gc"
	ctx.BuildTags = tags
	ctx.ToolTags = nil // those of this program's own toolchain
	ctx.CgoEnabled = false
	ctx.OpenFile = func(path string) (io.ReadCloser, error) { return files.open(path) }
	return &ctx
}

// A userOverlay is the file system as the go command sees it through the user's
// own overlay: a file that the overlay maps to another is read from there, one
// that it maps to nothing does not exist.
type userOverlay map[string]string

func (s userOverlay) real(path string) (string, error) {
	actual, replaced := s[path]
	if !replaced {
		return path, nil
	}
	if actual == "" {
		return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return actual, nil
}

func (s userOverlay) open(path string) (io.ReadCloser, error) {
	actual, err := s.real(path)
	if err != nil {
		return nil, err
	}
	return os.Open(actual)
}

func (s userOverlay) read(path string) ([]byte, error) {
	actual, err := s.real(path)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(actual)
}

// list returns the names of the files in a directory, sorted.
func (s userOverlay) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	present := make(map[string]bool)
	for _, e := range entries {
		if !e.IsDir() {
			present[e.Name()] = true
		}
	}
	for path, actual := range s {
		if filepath.Dir(path) == dir {
			present[filepath.Base(path)] = actual != ""
		}
	}
	return sortedNames(present), nil
}

func sortedNames(present map[string]bool) []string {
	var names []string
	for name, ok := range present {
		if ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}
