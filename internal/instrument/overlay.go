package instrument

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	engine "github.com/go-leakcheck/leakcheck"
)

// An Overlay is what the go command needs to build tests with a recording
// standard library.
type Overlay struct {
	// File is the argument of -overlay. Its path is the same for the same
	// toolchain and user's overlay, and so are those of the files that it
	// names, so that the go command finds what it built and tested before.
	File string
	// LeftOut are the probes that do not fit the toolchain.
	LeftOut []LeftOut
	// GOROOT, if not empty, has to be set in the environment of the go
	// command, which is that in its bin directory, and GOTOOLCHAIN to local:
	// the go command does not let files of a toolchain in the module cache be
	// replaced, so this is the same toolchain by another path.
	GOROOT string
}

// Write writes the overlay for a toolchain below cacheDir, which is made if it
// does not exist, or finds the one that is there. base is what the user's own
// overlay replaces, by absolute paths; the result includes it, and where it
// replaces a file that a probe patches, the replacement is patched.
//
// Any number of programs may share cacheDir and run Write at once.
func Write(cacheDir string, tc Toolchain, base map[string]string) (Overlay, error) {
	cacheDir, err := filepath.Abs(cacheDir)
	if err != nil {
		return Overlay{}, err
	}
	return writer{cacheDir, tc, base, Probes, engine.FS}.write()
}

// A writer writes one overlay.
type writer struct {
	cache  string
	tc     Toolchain
	base   userOverlay
	probes []Probe
	engine fs.FS
}

// document is the overlay's file: what the go command reads, and what it does
// not mind.
type document struct {
	Replace map[string]string
	LeftOut []LeftOut
}

func (w writer) write() (Overlay, error) {
	if err := os.MkdirAll(w.cache, 0o777); err != nil {
		return Overlay{}, w.advise(err)
	}
	removeStale(w.cache)
	var o Overlay
	if underModuleCache(w.tc) {
		goroot, err := shadow(w.cache, w.tc.GOROOT)
		if err != nil {
			return Overlay{}, w.advise(err)
		}
		o.GOROOT = goroot
		w.base = moved(w.base, w.tc.GOROOT, goroot)
		w.tc.GOROOT = goroot
	}
	key, err := w.key()
	if err != nil {
		return Overlay{}, err
	}
	dir := filepath.Join(w.cache, "overlay-"+key)
	doc, err := w.document(dir)
	if err != nil {
		return Overlay{}, err
	}
	o.File, o.LeftOut = filepath.Join(dir, documentName), doc.LeftOut
	return o, nil
}

const documentName = "overlay.json"

// document returns what stands in dir, written if need be.
func (w writer) document(dir string) (document, error) {
	if doc, ok := read(dir); ok {
		return doc, nil
	}
	doc, files, err := w.derive(dir)
	if err != nil {
		return document{}, err
	}
	text, err := json.MarshalIndent(doc, "", "\t")
	if err != nil {
		return document{}, err
	}
	files[filepath.Join(dir, documentName)] = text
	err = install(w.cache, dir, func(temporary string) error {
		return writeFiles(temporary, dir, files)
	}, func() bool { _, ok := read(dir); return ok })
	if err != nil {
		return document{}, w.advise(err)
	}
	return doc, nil
}

// derive makes the overlay: the document, and the files that belong into dir.
func (w writer) derive(dir string) (document, map[string][]byte, error) {
	patched, left, err := patch(w.probes, w.tc, w.base)
	if err != nil {
		return document{}, nil, err
	}
	transplanted, err := transplant(w.engine)
	if err != nil {
		return document{}, nil, err
	}
	unixFiles, err := vendored(w.tc, w.base)
	if err != nil {
		return document{}, nil, err
	}
	doc := document{Replace: maps.Clone(map[string]string(w.base)), LeftOut: left}
	if doc.Replace == nil {
		doc.Replace = make(map[string]string)
	}
	src := w.tc.src("")
	files := make(map[string][]byte)
	add := func(path string, text []byte) error {
		below, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		actual := filepath.Join(dir, "src", below)
		doc.Replace[path], files[actual] = actual, text
		return nil
	}
	for path, text := range patched {
		if err := add(path, text); err != nil {
			return document{}, nil, err
		}
	}
	for path, text := range transplanted {
		if err := add(w.tc.src(path), text); err != nil {
			return document{}, nil, err
		}
	}
	for path, actual := range unixFiles {
		doc.Replace[w.tc.src(path)] = actual
	}
	return doc, files, nil
}

// read returns the document in dir, and false if there is none or if it names
// files that are gone, for caches get cleaned, or empty, as a file may be after
// the power has failed.
func read(dir string) (document, bool) {
	text, err := os.ReadFile(filepath.Join(dir, documentName))
	if err != nil {
		return document{}, false
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return document{}, false
	}
	for _, actual := range doc.Replace {
		if !strings.HasPrefix(actual, dir) {
			continue
		}
		if info, err := os.Stat(actual); err != nil || info.Size() == 0 {
			return document{}, false
		}
	}
	return doc, true
}

// moved returns the user's overlay with paths below one directory moved to
// another.
func moved(base userOverlay, from, to string) userOverlay {
	result := make(userOverlay, len(base))
	for path, actual := range base {
		if below, err := filepath.Rel(from, path); err == nil && filepath.IsLocal(below) {
			path = filepath.Join(to, below)
		}
		result[path] = actual
	}
	return result
}
