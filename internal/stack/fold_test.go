package stack

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

var std = build().src // "" under -trimpath: then the same literals are trimmed

func frame(function, file string) Frame { return Frame{Function: function, File: file, Line: 1} }

var (
	osOpen   = frame("os.OpenFile", std+"os/file.go")
	ioCopy   = frame("io.Copy", std+"io/io.go")
	wrapped  = frame("example.com/wrap.Open", "/src/wrap/open.go")
	open     = frame("example.com/export.(*Writer).open", "/src/export/writer.go")
	run      = frame("example.com/export.Run", "/src/export/run.go")
	theTest  = frame("example.com/export.TestExport", "/src/export/export_test.go")
	tRunner  = frame("testing.tRunner", std+"testing/testing.go")
	goexit   = frame("runtime.goexit", std+"runtime/asm_amd64.s")
	rtMain   = frame("runtime.main", std+"runtime/proc.go")
	call     = frame("reflect.Value.call", std+"reflect/value.go")
	callUp   = frame("reflect.Value.Call", std+"reflect/value.go")
	suite    = frame("github.com/stretchr/testify/suite.Run.func1", "/mod/github.com/stretchr/testify@v1.11.1/suite/suite.go")
	testMain = frame("main.main", "_testmain.go")
	userMain = frame("main.main", "/src/cmd/tool/main.go")
	serve    = frame("net/http.(*conn).serve", std+"net/http/server.go")
	handler  = frame("net/http.HandlerFunc.ServeHTTP", std+"net/http/server.go")
	bubble   = frame("internal/synctest.Run", std+"internal/synctest/run.go")
)

func TestFoldStd(t *testing.T) {
	hidden := func(pkg string) bool { return pkg == "example.com/wrap" }
	for _, c := range []struct {
		name     string
		in, want []Frame
	}{
		{"a test", []Frame{osOpen, open, run, theTest, tRunner, goexit}, []Frame{open, run, theTest}},
		{"through a hidden package", []Frame{osOpen, wrapped, ioCopy, open, theTest, tRunner, goexit}, []Frame{open, theTest}},
		{"hidden below the first is kept", []Frame{open, wrapped, run, tRunner, goexit}, []Frame{open, wrapped, run}},
		{"the library between is kept", []Frame{osOpen, open, handler, run, goexit}, []Frame{open, handler, run}},
		{"a suite", []Frame{osOpen, theTest, call, callUp, suite, tRunner, goexit}, []Frame{theTest, call, callUp, suite}},
		{"called by reflection", []Frame{open, call, callUp, tRunner, goexit}, []Frame{open}},
		{"a bubble", []Frame{open, tRunner, bubble, goexit}, []Frame{open}},
		{"TestMain", []Frame{osOpen, theTest, testMain, rtMain, goexit}, []Frame{theTest}},
		{"a program", []Frame{osOpen, open, userMain, rtMain, goexit}, []Frame{open, userMain}},
		{"library only", []Frame{ioCopy, handler, serve, goexit}, []Frame{ioCopy, handler, serve}},
		{"library and hidden only", []Frame{osOpen, wrapped, tRunner, goexit}, []Frame{osOpen, wrapped}},
		{"starters only", []Frame{tRunner, goexit}, []Frame{tRunner, goexit}},
		{"nothing", nil, nil},
	} {
		in := slices.Clone(c.in)
		assert.Equal(t, c.want, FoldStd(c.in, hidden), c.name)
		assert.Equal(t, in, c.in, "%s: the input is left alone", c.name)
	}
	assert.Equal(t, []Frame{wrapped}, FoldStd([]Frame{osOpen, wrapped, goexit}, nil))
}

func TestFoldStdOfARealStack(t *testing.T) {
	got := FoldStd(outer(0, 20).Frames(), nil)
	assert.Equal(t, []string{"inner", "middle", "outer", "TestFoldStdOfARealStack"}, functions(got))

	var sorted []string
	slices.SortFunc([]int{2, 1}, func(int, int) int {
		sorted = functions(FoldStd(Capture(0, 20).Frames(), nil))
		return 0
	})
	assert.Equal(t, "TestFoldStdOfARealStack.func1", sorted[0])
	assert.Equal(t, "TestFoldStdOfARealStack", sorted[len(sorted)-1])
}

func TestPackage(t *testing.T) {
	for function, want := range map[string]string{
		"net/http.(*persistConn).readLoop":        "net/http",
		"os.Open":                                 "os",
		"main.main":                               "main",
		"main.main.func1.2":                       "main",
		"main.init.0":                             "main",
		"main.glob..func1":                        "main",
		"example.com/a/b.T.Method-fm":             "example.com/a/b",
		"example.com/a/b.(*T).M.func1.gowrap2":    "example.com/a/b",
		"example.com/a.Map[...]":                  "example.com/a",
		"example.com/a.(*Map[...]).Range.func1":   "example.com/a",
		"example.com/a.Map[go.shape.int,x.y/z.T]": "example.com/a",
		"gopkg.in/yaml%2ev3.Foo":                  "gopkg.in/yaml.v3",
		"gopkg.in/yaml%2ev3.(*Decoder).Decode":    "gopkg.in/yaml.v3",
		"example.com/v1.2/a.F":                    "example.com/v1.2/a",
		"example.com/100%25.F":                    "example.com/100%",
		"example.com/a%zz.F":                      "example.com/a%zz",
		"example.com/a%2.F":                       "example.com/a%2",
		"example.com/a_test.TestX":                "example.com/a_test",
		"vendor/golang.org/x/net/idna.F":          "vendor/golang.org/x/net/idna",
		"no/dot":                                  "",
		"":                                        "",
	} {
		assert.Equal(t, want, Package(function), function)
	}
}

func TestShortFile(t *testing.T) {
	for _, c := range []struct{ file, pkg, want string }{
		{"/src/export/writer.go", "example.com/export", "export/writer.go"},
		{"example.com/export/writer.go", "example.com/export", "export/writer.go"},
		{"/src/checkout-3/root.go", "example.com/export", "export/root.go"},
		{"/src/export/export_test.go", "example.com/export_test", "export/export_test.go"},
		{"/src/a_test/a.go", "example.com/a_test", "a_test/a.go"},
		{"/mod/example.com/y/v2@v2.1.0/conn.go", "example.com/y/v2", "y/conn.go"},
		{"/mod/gopkg.in/yaml.v3@v3.0.1/decode.go", "gopkg.in/yaml.v3", "yaml.v3/decode.go"},
		{"/mod/example.com/tool@v1.2.3/main.go", "main", "tool/main.go"},
		{"/mod/example.com/tool/v3@v3.2.3/main.go", "main", "tool/main.go"},
		{"/usr/local/go/src/net/http/server.go", "net/http", "http/server.go"},
		{"C:/src/export/writer.go", "example.com/export", "export/writer.go"},
		{"C:/src/tool/main.go", "main", "tool/main.go"},
		{"_testmain.go", "main", "_testmain.go"},
		{"/main.go", "main", "main.go"},
		{"_cgo_gotypes.go", "example.com/c", "c/_cgo_gotypes.go"},
		{"/src/v2/a.go", "v2", "v2/a.go"},
		{"/src/x.go", "", "src/x.go"},
	} {
		assert.Equal(t, c.want, ShortFile(c.file, c.pkg), "%s of %s", c.file, c.pkg)
	}
}

func TestShortFunction(t *testing.T) {
	for function, want := range map[string]string{
		"example.com/app/export.(*Writer).open": "export.(*Writer).open",
		"example.com/app/v2.Run":                "app.Run",
		"example.com/app/v4_test.TestRun.func1": "app.TestRun.func1",
		"example.com/v2.Run":                    "example.com.Run",
		"example.com/app.Do[example.com/x/y.T]": "app.Do[example.com/x/y.T]",
		"net/http.(*persistConn).readLoop":      "net/http.(*persistConn).readLoop",
		"main.main":                             "main.main",
		"":                                      "",
	} {
		assert.Equal(t, want, ShortFunction(function))
	}
}
