package instrument

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// Table lists the probes for a toolchain as a table in Markdown: the package,
// the functions that are patched, what is recorded. A probe that does not fit
// the toolchain is an error.
func Table(tc Toolchain) (string, error) {
	var b strings.Builder
	b.WriteString("| package | functions | what is recorded |\n|---|---|---|\n")
	for _, probe := range Probes {
		if probe.Systems != nil && !probe.Systems(tc.GOOS) {
			continue
		}
		packages := make(map[string]*Package)
		if err := apply(probe, packages, tc, nil); err != nil {
			return "", err
		}
		functions := packages[probe.Package].patched()
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", probe.Package, strings.Join(functions, ", "), probe.Records)
	}
	return b.String(), nil
}

// patched names the functions that edits change.
func (p *Package) patched() []string {
	var names []string
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || !p.changed(f, decl) {
				continue
			}
			names = append(names, "`"+(&Function{p, f, decl}).String()+"`")
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *Package) changed(f *file, d *ast.FuncDecl) bool {
	from, to := p.offset(d.Pos()), p.offset(d.End())
	return slices.ContainsFunc(p.edits.inserted, func(i insertion) bool { return i.file == f && from <= i.start && i.end <= to })
}
