package instrument

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ProbeFile is the name of the file that probes add to a package.
const ProbeFile = "leakcheck_probe.go"

// A Package is a package of the standard library: the parsed files, tests
// apart, that the toolchain builds for its system. Edits are insertions into
// the text, so all other bytes stay as they are; positions and the syntax tree
// are those of the original whatever has been edited.
type Package struct {
	toolchain Toolchain
	path      string
	name      string
	fset      *token.FileSet
	files     []*file
	edits     edits
	failed    error // of an edit that cannot be made
}

type file struct {
	name   string
	source []byte
	syntax *ast.File
}

// load parses a package of the standard library.
func load(tc Toolchain, files userOverlay, importPath string) (*Package, error) {
	dir := tc.src(importPath)
	names, err := files.list(dir)
	if err != nil {
		return nil, fmt.Errorf("%s is not in %s: %w", importPath, tc.Version, err)
	}
	p := &Package{toolchain: tc, path: importPath, fset: token.NewFileSet()}
	constraints := tc.constraints(files)
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := constraints.MatchFile(dir, name); err != nil || !ok {
			continue
		}
		if err := p.parse(files, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	if len(p.files) == 0 {
		return nil, fmt.Errorf("%s has no files for %s/%s in %s", importPath, tc.GOOS, tc.GOARCH, tc.Version)
	}
	return p, nil
}

func (p *Package) parse(files userOverlay, path string) error {
	text, err := files.read(path)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(p.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.name = syntax.Name.Name
	p.files = append(p.files, &file{filepath.Base(path), text, syntax})
	return nil
}

// GOOS is the system that the package is built for.
func (p *Package) GOOS() string { return p.toolchain.GOOS }

// GOARCH is the architecture that the package is built for.
func (p *Package) GOARCH() string { return p.toolchain.GOARCH }

// Import makes a file of the package, which may be [ProbeFile], import path
// under the name alias, which must be given. It does nothing if the file does
// so already. Take an alias that no identifier of the package can be, so that
// nothing is shadowed.
func (p *Package) Import(file, alias, path string) {
	if alias == "" {
		p.fail(fmt.Errorf("import %q into %s: no name given", path, file))
		return
	}
	i := imported{file, alias, path}
	if slices.Contains(p.edits.imported, i) {
		return
	}
	p.edits.imported = append(slices.Clip(p.edits.imported), i)
	if file == ProbeFile {
		return
	}
	f := p.file(file)
	if f == nil {
		p.fail(fmt.Errorf("import %q into %s: no such file in %s", path, file, p.toolchain.Version))
		return
	}
	at := p.offset(f.syntax.Name.End())
	p.insert(insertion{f, at, at, fmt.Sprintf("; import %s %q", alias, path)})
}

// Append adds declarations to [ProbeFile].
func (p *Package) Append(code string) {
	p.edits.appended = append(slices.Clip(p.edits.appended), code)
}

// Declares returns an error unless all these names are declared at the level
// of the package.
func (p *Package) Declares(names ...string) error {
	for _, name := range names {
		if !p.declares(name) {
			return p.missing(name)
		}
	}
	return nil
}

func (p *Package) declares(name string) bool {
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == name {
					return true
				}
			case *ast.GenDecl:
				if slices.ContainsFunc(d.Specs, func(s ast.Spec) bool { return introduces(s, name) }) {
					return true
				}
			}
		}
	}
	return false
}

func introduces(spec ast.Spec, name string) bool {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Name.Name == name
	case *ast.ValueSpec:
		return slices.ContainsFunc(s.Names, func(n *ast.Ident) bool { return n.Name == name })
	}
	return false
}

// Constant returns the value of a constant of the package that is declared as
// a number, as those of system calls are.
func (p *Package) Constant(name string) (value int, ok bool) {
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			g, _ := d.(*ast.GenDecl)
			if g == nil || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				if v, ok := number(s.(*ast.ValueSpec), name); ok {
					return v, true
				}
			}
		}
	}
	return 0, false
}

func number(spec *ast.ValueSpec, name string) (int, bool) {
	for i, n := range spec.Names {
		if n.Name != name || i >= len(spec.Values) {
			continue
		}
		if lit, ok := spec.Values[i].(*ast.BasicLit); ok {
			v, err := strconv.ParseInt(lit.Value, 0, 0)
			return int(v), err == nil
		}
	}
	return 0, false
}

// Field returns an error unless the struct type named by structName has a
// field of this name and type, written as in the source: Field("Rows",
// "closeStmt", "*driverStmt").
func (p *Package) Field(structName, field, typ string) error {
	what := structName + "." + field
	s := p.structType(structName)
	if s == nil {
		return p.missing("type " + structName)
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			if name.Name != field {
				continue
			}
			if got := typeText(f.Type); got != typ {
				return fmt.Errorf("%s is %s in %s, not %s", what, got, p.toolchain.Version, typ)
			}
			return nil
		}
	}
	return p.missing(what)
}

func (p *Package) structType(name string) *ast.StructType {
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name.Name == name {
					s, _ := t.Type.(*ast.StructType)
					return s
				}
			}
		}
	}
	return nil
}

func (p *Package) missing(what string) error {
	return fmt.Errorf("%s is not in %s for %s/%s", what, p.toolchain.Version, p.toolchain.GOOS, p.toolchain.GOARCH)
}

func (p *Package) file(name string) *file {
	for _, f := range p.files {
		if f.name == name {
			return f
		}
	}
	return nil
}

func (p *Package) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

// fail keeps the first error of an edit until the probe is done.
func (p *Package) fail(err error) {
	if p.failed == nil {
		p.failed = err
	}
}

// render adds the package's changed and added files to changed, by path.
func (p *Package) render(changed map[string][]byte) {
	dir := p.toolchain.src(p.path)
	for _, f := range p.files {
		if text := p.edited(f); string(text) != string(f.source) {
			changed[filepath.Join(dir, f.name)] = text
		}
	}
	if text, err := p.probeFile(); err == nil && text != nil {
		changed[filepath.Join(dir, ProbeFile)] = text
	}
}
