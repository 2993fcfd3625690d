package instrument

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

// A library type-checks the standard library as an overlay changes it: all of
// what is patched or added, and of the rest what others see of it.
type library struct {
	tc       Toolchain
	context  *build.Context
	replace  map[string]string
	fset     *token.FileSet
	packages map[string]*types.Package
	errs     []error
}

func (l *library) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := l.packages[path]; p != nil {
		return p, nil
	}
	dir := l.tc.src(path)
	files, changed := l.files(dir)
	if len(files) == 0 {
		files, _ = l.files(l.tc.src("vendor/" + path))
	}
	conf := types.Config{
		Importer:         l,
		IgnoreFuncBodies: !changed,
		Sizes:            types.SizesFor("gc", l.tc.GOARCH),
		Error:            func(err error) { l.errs = append(l.errs, err) },
	}
	p, err := conf.Check(path, l.fset, files, nil)
	l.packages[path] = p
	return p, err
}

// files parses the files of a directory that are built, and reports whether
// the overlay has changed one.
func (l *library) files(dir string) (files []*ast.File, changed bool) {
	names, _ := userOverlay(l.replace).list(dir)
	if names == nil { // a directory of the overlay alone
		for path := range l.replace {
			if filepath.Dir(path) == dir {
				names = append(names, filepath.Base(path))
			}
		}
	}
	for _, name := range names {
		if ok, err := l.context.MatchFile(dir, name); err != nil || !ok || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		path := filepath.Join(dir, name)
		text, err := userOverlay(l.replace).read(path)
		if err != nil {
			l.errs = append(l.errs, err)
			continue
		}
		f, err := parser.ParseFile(l.fset, path, text, parser.SkipObjectResolution)
		if err != nil {
			l.errs = append(l.errs, err)
			continue
		}
		_, replaced := l.replace[path]
		files, changed = append(files, f), changed || replaced
	}
	return files, changed
}

// TestPatchedLibraryCompiles is as good as a compiler for all systems, but for
// what only go build itself can tell.
func TestPatchedLibraryCompiles(t *testing.T) {
	tc := toolchain(t)
	for _, target := range []string{"linux/386", "darwin/arm64", "windows/amd64"} {
		t.Run(target, func(t *testing.T) {
			if testing.Short() && target != "darwin/arm64" {
				t.Skip("one will do")
			}
			tc := tc.on(target)
			o, err := writer{t.TempDir(), tc, nil, Probes, engine.FS}.write()
			require.NoError(t, err)
			doc, ok := read(filepath.Dir(o.File))
			require.True(t, ok)
			l := &library{tc: tc, replace: doc.Replace, fset: token.NewFileSet(), packages: make(map[string]*types.Package)}
			l.context = tc.constraints(doc.Replace)
			for _, p := range Probes {
				if p.Systems != nil && !p.Systems(tc.GOOS) {
					continue
				}
				_, err := l.Import(p.Package)
				assert.NoError(t, err, p.Package)
			}
			assert.Empty(t, l.errs)
			assert.Contains(t, l.packages, enginePath)
			assert.Contains(t, l.packages, recorderPath)
		})
	}
}
