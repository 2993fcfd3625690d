package instrument

import (
	"bytes"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Where the engine comes from and where in the standard library it goes. The
// recorder goes into an existing package, for the patched packages import it.
const (
	modulePath   = "github.com/go-leakcheck/leakcheck"
	transplanted = "testing/internal/leakcheck"
	enginePath   = transplanted + "/leakcheck"

	recorderDir  = "internal/recorder"
	recorderPath = "internal/testlog"
	recorderFile = "leakcheck_" // begins the names of its files there

	// The toolchain's copy of a package that the engine needs is written in
	// assembly in part, and so must stand in a directory that exists but holds
	// no package.
	unixModule = "golang.org/x/sys/unix"
	unixPath   = "testing/internal"
)

// transplant returns the files of the engine as they stand in the standard
// library, by their paths below GOROOT/src. engine is laid out as this module.
func transplant(engine fs.FS) (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := fs.WalkDir(engine, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		if path.Ext(name) == ".s" && path.Dir(name) != recorderDir {
			return nil
		}
		text, err := fs.ReadFile(engine, name)
		if err != nil {
			return err
		}
		text, ok := attach(text)
		if !ok {
			return nil
		}
		to, text, err := adapt(name, text)
		if err != nil {
			return fmt.Errorf("transplanting %s: %w", name, err)
		}
		files[to] = text
		return nil
	})
	return files, err
}

// adapt gives a file its place and its imports.
func adapt(name string, text []byte) (to string, adapted []byte, err error) {
	dir, base := path.Split(name)
	to = path.Join(transplanted, name)
	if path.Clean(dir) == recorderDir {
		to = path.Join(recorderPath, recorderFile+base)
	}
	if path.Ext(name) != ".go" {
		return to, text, nil
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	at := 0
	replace := func(from, to token.Pos, replacement string) {
		out.Write(text[at:fset.Position(from).Offset])
		out.WriteString(replacement)
		at = fset.Position(to).Offset
	}
	if path.Clean(dir) == recorderDir {
		replace(syntax.Name.Pos(), syntax.Name.End(), path.Base(recorderPath))
	}
	for _, i := range syntax.Imports {
		if i.Path.Value == strconv.Quote(modulePath+"/"+recorderDir) {
			replacement := strconv.Quote(recorderPath)
			if i.Name == nil {
				replacement = path.Base(recorderDir) + " " + replacement
			}
			replace(i.Path.Pos(), i.Path.End(), replacement)
		}
	}
	out.Write(text[at:])
	return to, rename.replace(out.Bytes()), nil
}

// rename moves import paths, and the names of functions that begin with them.
var rename = replacer{
	{modulePath, transplanted},
	{unixModule, unixPath},
}

type replacer [][2]string

func (r replacer) replace(text []byte) []byte {
	for _, pair := range r {
		text = bytes.ReplaceAll(text, []byte(pair[0]), []byte(pair[1]))
	}
	return text
}

// vendored returns the files of golang.org/x/sys/unix that the toolchain, for
// its own commands, has a copy of: real paths by paths below GOROOT/src.
// Systems that are not Unix have none.
func vendored(tc Toolchain, files userOverlay) (map[string]string, error) {
	dir := tc.src("cmd/vendor/" + unixModule)
	names, err := files.list(dir)
	if err != nil {
		return nil, fmt.Errorf("the toolchain lacks the source of a package that its own commands need: %w: is the installation in %s complete?", err, tc.GOROOT)
	}
	found := make(map[string]string)
	// Whether the race detector is on is decided later: both twins are wanted.
	for _, constraints := range []*build.Context{tc.constraints(files), tc.constraints(files, "race")} {
		for _, name := range names {
			if ext := path.Ext(name); ext != ".go" && ext != ".s" || strings.HasSuffix(name, "_test.go") {
				continue
			}
			ok, err := constraints.MatchFile(dir, name)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if found[path.Join(unixPath, name)], err = files.real(filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}
