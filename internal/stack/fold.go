package stack

import (
	"path"
	"slices"
	"strings"
)

// FoldStd returns the frames that a reader wants to see of a stack: it drops
// the innermost ones that belong to the standard library or to a package for
// which hidden says so, up to the first that does not, and the outermost ones
// that only started the program or the test, hidden ones among them. What is between is kept whole,
// standard library included. When nothing would remain, as on a goroutine of
// net/http, only the outermost ones are dropped, and when that leaves nothing
// either the frames come back as they are. hidden may be nil.
func FoldStd(frames []Frame, hidden func(pkg string) bool) []Frame {
	end := len(frames)
	for end > 0 && starter(frames[end-1]) {
		end--
	}
	if end == 0 {
		return frames
	}
	user := func(f Frame) bool {
		pkg := Package(f.Function)
		return !Standard(pkg, f.File) && (hidden == nil || !hidden(pkg))
	}
	first := slices.IndexFunc(frames[:end], user)
	if first < 0 {
		return frames[:end]
	}
	// What started the test may have been started by a hidden package.
	for end > first+1 && (starter(frames[end-1]) || hidden != nil && hidden(Package(frames[end-1].Function))) {
		end--
	}
	return frames[first:end]
}

// starters are the packages that stand between the runtime and a test
// function, a benchmark, a fuzz target, a suite's method or a bubble.
var starters = map[string]bool{
	"runtime":           true,
	"testing":           true,
	"reflect":           true,
	"testing/synctest":  true,
	"internal/synctest": true,
	"internal/testlog":  true, // testing.M.Run passes it under leakcheck test
}

// starter reports whether a frame at the outer end of a stack only started
// what the user wrote. The generated main of a test binary is one.
func starter(f Frame) bool {
	if f.Function == "main.main" {
		return path.Base(f.File) == "_testmain.go"
	}
	pkg := Package(f.Function)
	return starters[pkg] && Standard(pkg, f.File)
}

// Package returns the import path of the package that a function belongs to:
// "net/http" for "net/http.(*persistConn).readLoop". The escapes that the
// linker uses for a dot in the last element are undone, so that
// "gopkg.in/yaml%2ev3.Foo" gives "gopkg.in/yaml.v3". Without a dot in the
// name there is no package and it returns "".
func Package(function string) string {
	// What follows a bracket is a receiver or type arguments, whose own paths
	// have slashes; an import path has no brackets.
	if i := strings.IndexAny(function, "(["); i >= 0 {
		function = function[:i]
	}
	last := strings.LastIndexByte(function, '/') + 1
	dot := strings.IndexByte(function[last:], '.')
	if dot < 0 {
		return ""
	}
	return unescape(function[:last+dot])
}

// unescape undoes %xx, as cmd/internal/objabi.PathToPrefix writes it. What
// is no such escape stays as it is.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := nibble(s[i+1]), nibble(s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func nibble(c byte) int { return strings.IndexByte("0123456789abcdef", c) }

// ShortFunction drops the directories of an import path that begins with a host
// name: "export.(*Writer).open" for "example.com/app/export.(*Writer).open",
// and "app.Run" for "example.com/app/v2.Run".
// Others are short, and those of the standard library well known.
func ShortFunction(function string) string {
	path := function
	if i := strings.IndexAny(path, "(["); i >= 0 {
		path = path[:i] // what follows may have slashes of its own
	}
	if host, _, ok := strings.Cut(path, "/"); !ok || !strings.Contains(host, ".") {
		return function
	}
	last := strings.LastIndexByte(path, '/')
	if name, _, _ := strings.Cut(path[last+1:], "."); major(strings.TrimSuffix(name, "_test")) {
		above := strings.LastIndexByte(path[:last], '/')
		return path[above+1:last] + function[last+1+len(name):]
	}
	return function[last+1:]
}

// ShortFile returns a file's name as a listing shows it, "export/writer.go":
// the last element of the package's import path that tells something (not the
// v2 of "y/v2", not the _test of an external test package) and the base name.
// A directory of the file system stands in where the package has no import
// path of its own, as main has none.
func ShortFile(file, pkg string) string {
	base := path.Base(file)
	dir := pkg
	if pkg == "" || pkg == "main" || pkg == "command-line-arguments" {
		dir = path.Dir(file)
	} else if strings.HasSuffix(base, "_test.go") {
		dir = strings.TrimSuffix(pkg, "_test")
	}
	if name := telling(dir); name != "" {
		return name + "/" + base
	}
	return base
}

// telling returns the last element of a slashed path without a module
// version, and the one before it when the last is only a major version.
func telling(dir string) string {
	name := element(dir)
	if major(name) {
		if above := element(path.Dir(dir)); above != "" {
			return above
		}
	}
	return name
}

func element(dir string) string {
	name, _, _ := strings.Cut(path.Base(dir), "@")
	if name == "." || name == "/" {
		return ""
	}
	return name
}

func major(name string) bool {
	digits, ok := strings.CutPrefix(name, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
