package instrument

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// A Function is a function or method of a [Package] that has a body. Errors of
// edits that return none make the probe fail when its Patch returns.
type Function struct {
	pkg  *Package
	file *file
	decl *ast.FuncDecl
}

// Function returns the function name of the package, or the method if recv is
// not empty: "*Rows", "FD". The error, if there is none, says so and names the
// release.
func (p *Package) Function(recv, name string) (*Function, error) {
	what := name
	if recv != "" {
		what = "method (" + recv + ")." + name
	}
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Name.Name != name || receiver(decl) != recv {
				continue
			}
			if decl.Body == nil {
				return nil, fmt.Errorf("%s is not written in Go in %s for %s/%s", what, p.toolchain.Version, p.toolchain.GOOS, p.toolchain.GOARCH)
			}
			return &Function{p, f, decl}, nil
		}
	}
	return nil, p.missing(what)
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	return typeText(d.Recv.List[0].Type)
}

func typeText(e ast.Expr) string { return types.ExprString(e) }

// String is the name, with the receiver if there is one.
func (f *Function) String() string {
	if r := receiver(f.decl); r != "" {
		return "(" + r + ")." + f.decl.Name.Name
	}
	return f.decl.Name.Name
}

// File is the name of the file that the function stands in, for
// [Package.Import].
func (f *Function) File() string { return f.file.name }

// Import makes the function's file import path under the name alias.
func (f *Function) Import(alias, path string) { f.pkg.Import(f.file.name, alias, path) }

// Signature is the types of parameters and results, without names:
// "func(string, bool) error".
func (f *Function) Signature() string {
	s := "func(" + strings.Join(fieldTypes(f.decl.Type.Params), ", ") + ")"
	switch results := fieldTypes(f.decl.Type.Results); len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0]
	default:
		return s + " (" + strings.Join(results, ", ") + ")"
	}
}

func fieldTypes(list *ast.FieldList) []string {
	if list == nil {
		return nil
	}
	var all []string
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			all = append(all, typeText(field.Type))
		}
	}
	return all
}

// Expect returns an error that names the release unless the function has this
// [Function.Signature].
func (f *Function) Expect(signature string) error {
	if got := f.Signature(); got != signature {
		return fmt.Errorf("%s is %s in %s, not %s", f, got, f.pkg.toolchain.Version, signature)
	}
	return nil
}

// Named returns an error unless the receiver, the parameters and the results
// have these names, in this order: code that is inserted uses them. "_" stands
// for one that does not matter.
func (f *Function) Named(names ...string) error {
	var got []string
	for _, list := range []*ast.FieldList{f.decl.Recv, f.decl.Type.Params, f.decl.Type.Results} {
		got = append(got, fieldNames(list)...)
	}
	ok := len(got) == len(names)
	for i := range names {
		ok = ok && (names[i] == "_" || names[i] == got[i])
	}
	if !ok {
		return fmt.Errorf("the parameters of %s are (%s) in %s, not (%s)", f,
			strings.Join(got, ", "), f.pkg.toolchain.Version, strings.Join(names, ", "))
	}
	return nil
}

// fieldNames returns the names in list, "_" for each that has none.
func fieldNames(list *ast.FieldList) []string {
	if list == nil {
		return nil
	}
	var all []string
	for _, field := range list.List {
		if len(field.Names) == 0 {
			all = append(all, "_")
		}
		for _, name := range field.Names {
			all = append(all, name.Name)
		}
	}
	return all
}

// Rename renames the declaration, and nothing else: who calls the function by
// its old name calls what the probe declares under it.
//
// A directive that names the function, such as go:linkname, stays with the old
// name; one that does not, such as go:nosplit, stays with the body.
func (f *Function) Rename(newName string) {
	f.replace(f.decl.Name, newName)
}

// Wrap renames the function to newName and adds code, which declares what
// takes its place, to [ProbeFile].
func (f *Function) Wrap(newName, code string) {
	f.Rename(newName)
	f.pkg.Append(code)
}

// Begin inserts statements at the start of the body, on the line of the
// opening brace.
func (f *Function) Begin(code string) {
	at := f.pkg.offset(f.decl.Body.Lbrace) + 1
	f.pkg.insert(insertion{f.file, at, at, " " + code + ";"})
}

// BeforeCall inserts statements before the statement in which callee, written
// as in the source ("fd.SysFile.destroy"), is called. The error says so unless
// there is exactly one such call.
func (f *Function) BeforeCall(callee, code string) error {
	stmt, _, err := f.call(callee)
	if err != nil {
		return err
	}
	at := f.pkg.offset(stmt.Pos())
	f.pkg.insert(insertion{f.file, at, at, code + "; "})
	return nil
}

// AfterCall inserts statements after the statement in which callee is called.
// The error says so unless there is exactly one such call, and if it stands in
// a statement that returns.
func (f *Function) AfterCall(callee, code string) error {
	stmt, _, err := f.call(callee)
	if err != nil {
		return err
	}
	if _, ok := stmt.(*ast.ReturnStmt); ok {
		return fmt.Errorf("%s calls %s in a return statement in %s", f, callee, f.pkg.toolchain.Version)
	}
	at := f.pkg.offset(stmt.End())
	f.pkg.insert(insertion{f.file, at, at, "; " + code})
	return nil
}

// ReplaceCall makes the one call of callee a call of replacement, with the
// same arguments.
func (f *Function) ReplaceCall(callee, replacement string) error {
	_, call, err := f.call(callee)
	if err != nil {
		return err
	}
	f.replace(call.Fun, replacement)
	return nil
}

func (f *Function) replace(n ast.Node, text string) {
	f.pkg.insert(insertion{f.file, f.pkg.offset(n.Pos()), f.pkg.offset(n.End()), text})
}

// call finds the one call of callee and the innermost statement of a block
// that it stands in.
func (f *Function) call(callee string) (stmt ast.Stmt, call *ast.CallExpr, err error) {
	count := 0
	var path []ast.Node
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if c, ok := n.(*ast.CallExpr); ok && types.ExprString(c.Fun) == callee {
			count++
			stmt, call = listed(path), c
		}
		return true
	})
	if count != 1 {
		return nil, nil, fmt.Errorf("%s calls %s %d times in %s, not once", f, callee, count, f.pkg.toolchain.Version)
	}
	return stmt, call, nil
}

// listed returns the innermost node of path that is a statement in a list of
// statements, so that others may stand before and after it.
func listed(path []ast.Node) ast.Stmt {
	for i := len(path) - 1; i > 0; i-- {
		stmt, ok := path[i].(ast.Stmt)
		if !ok {
			continue
		}
		switch parent := path[i-1].(type) {
		case *ast.BlockStmt:
			return stmt
		case *ast.CaseClause, *ast.CommClause:
			if comm, ok := parent.(*ast.CommClause); ok && comm.Comm == stmt {
				continue
			}
			return stmt
		}
	}
	return nil
}
