package instrument

import (
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

func TestTransplantMovesNamesAndImports(t *testing.T) {
	files, err := transplant(fstest.MapFS{
		"leakcheck/main.go": {Data: []byte(`package leakcheck

import (
	"fmt"

	"github.com/go-leakcheck/leakcheck/internal/recorder"
	"github.com/go-leakcheck/leakcheck/internal/stack"
	"golang.org/x/sys/unix"
)

const own = "github.com/go-leakcheck/leakcheck/leakcheck."
`)},
		"leakcheck/main_test.go":        {Data: []byte("package leakcheck\n")},
		"leakcheck/peer.go":             {Data: []byte("//go:build !leakcheck_attached\n\npackage leakcheck\n")},
		"internal/stack/walk_amd64.s":   {Data: []byte("TEXT\n")},
		"internal/recorder/walk.s":      {Data: []byte("TEXT\n")},
		"internal/recorder/record.go":   {Data: []byte("// Package recorder.\npackage recorder // here\n\nimport \"sync\"\n")},
		"internal/recorder/attached.go": {Data: []byte("//go:build leakcheck_attached\n\npackage recorder\n")},
	})
	require.NoError(t, err)
	got := make(map[string]string)
	for name, text := range files {
		got[name] = string(text)
	}
	assert.Equal(t, map[string]string{
		"testing/internal/leakcheck/leakcheck/main.go": `package leakcheck

import (
	"fmt"

	recorder "internal/testlog"
	"testing/internal/leakcheck/internal/stack"
	"testing/internal"
)

const own = "testing/internal/leakcheck/leakcheck."
`,
		"internal/testlog/leakcheck_walk.s":      "TEXT\n",
		"internal/testlog/leakcheck_record.go":   "// Package recorder.\npackage testlog // here\n\nimport \"sync\"\n",
		"internal/testlog/leakcheck_attached.go": "//\n\npackage testlog\n",
	}, got)
}

// TestTheEngineNeedsOnlyTheStandardLibrary is what its files have to keep to:
// what else they need belongs into files for !leakcheck_attached.
func TestTheEngineNeedsOnlyTheStandardLibrary(t *testing.T) {
	files, err := transplant(engine.FS)
	require.NoError(t, err)
	assert.Contains(t, files, enginePath+"/attached.go")
	for name, text := range files {
		if path.Ext(name) != ".go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range f.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			require.NoError(t, err)
			first, _, _ := strings.Cut(imported, "/")
			assert.NotContains(t, first, ".", "%s imports %s", name, imported)
			if path.Dir(name) == recorderPath {
				assert.NotContains(t, imported, transplanted, "the directory does not exist, and go vet looks for it")
			}
		}
	}
}

func TestBothTwinsOfTheRaceDetectorAreVendored(t *testing.T) {
	found, err := vendored(toolchain(t).on("linux/amd64"), nil)
	require.NoError(t, err)
	for _, name := range []string{"race.go", "race0.go", "asm_linux_amd64.s", "syscall_linux.go"} {
		assert.Contains(t, found, unixPath+"/"+name)
	}
	assert.NotContains(t, found, unixPath+"/syscall_darwin.go")
	assert.NotContains(t, found, unixPath+"/syscall_linux_arm64.go")
}

func TestAnInstallationWithoutSources(t *testing.T) {
	_, err := vendored(Toolchain{GOROOT: "/nowhere", GOOS: "linux", GOARCH: "amd64"}, nil)
	assert.ErrorContains(t, err, "is the installation in /nowhere complete?")
}
