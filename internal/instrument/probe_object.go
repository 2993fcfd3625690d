package instrument

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// This file holds what the probes of objects have in common: what must be
// closed though it is no descriptor.

// target returns a function of p whose receiver, parameters and results have
// the given names, "_" for those that do not matter.
func target(p *Package, recv, name string, names ...string) (*Function, error) {
	f, err := p.Function(recv, name)
	if err != nil {
		return nil, err
	}
	return f, f.Named(names...)
}

// begin inserts code, which may report to the recorder, at the start of a
// function whose receiver, parameters and results have the given names.
func begin(p *Package, code, recv, name string, names ...string) error {
	f, err := target(p, recv, name, names...)
	if err != nil {
		return err
	}
	f.Import(log, "internal/testlog")
	f.Begin(code)
	return nil
}

// beforeEachCall inserts statements before every statement in which callee is
// called. The error says so if there is none.
func beforeEachCall(f *Function, callee, code string) error {
	found := false
	var path []ast.Node
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if c, ok := n.(*ast.CallExpr); ok && types.ExprString(c.Fun) == callee {
			found = true
			at := f.pkg.offset(listed(path).Pos())
			f.pkg.insert(insertion{f.file, at, at, code + "; "})
		}
		return true
	})
	if !found {
		return fmt.Errorf("%s does not call %s in %s", f, callee, f.pkg.toolchain.Version)
	}
	return nil
}

// share adds declarations to [ProbeFile] that several probes of a package need,
// once.
func share(p *Package, code string) {
	if !slices.Contains(p.edits.appended, code) {
		p.Append(code)
	}
}

// appendTo adds declarations at the end of a file, for those that may only be
// there where the file is.
func appendTo(p *Package, f *file, code string) {
	end := len(f.source)
	p.edits.inserted = append(slices.Clip(p.edits.inserted), insertion{f, end, end, "\n" + strings.TrimSpace(code) + "\n"})
}
