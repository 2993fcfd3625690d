package instrument

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

// listener prints what becomes of objects. It stands in package
// internal/testlog.
const listener = `package testlog

type listener map[any]string

func (l listener) Open(ptr any, kind, name string, excused func() bool, skip int) {
	l[ptr] = kind + " " + name
	print("open ", l[ptr], "\n")
}

func (l listener) Close(ptr any) {
	if what, ok := l[ptr]; ok {
		print("close ", what, "\n")
		delete(l, ptr)
	}
}

func init() { SetObjects(listener{}) }
`

// processes starts processes, and does with each something else.
const processes = `package main

import (
	"os"
	"os/exec"
	"strings"
)

func main() {
	name := os.Args[1]
	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		return cmd
	}
	_ = exec.Command(name, "run").Run()
	_ = start("waited").Wait()
	_, _ = start("waited", "otherwise").Process.Wait()
	_ = start("released").Process.Release()
	_ = exec.Command(name + "/missing").Run()
	start(strings.Repeat("long", 100))
}
`

// Where a process is tracked does not run these tests; package os is much the
// same here.
func TestProcessProbe(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles package os and runs a program")
	}
	if runtime.GOOS == "windows" {
		t.Skip("it needs a command that does nothing")
	}
	name, err := exec.LookPath("true")
	require.NoError(t, err)
	tc, dir := toolchain(t), t.TempDir()
	write := func(file, text string) string {
		path := filepath.Join(dir, file)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	probe := processProbe
	probe.Systems = nil
	base := userOverlay{tc.src("internal/testlog/listener.go"): write("listener.go", listener)}
	o, err := writer{dir, tc, base, []Probe{probe, creatorProbe}, engine.FS}.write()
	require.NoError(t, err)
	cmd := exec.Command("go", "run", "-overlay="+o.File, write("main.go", processes), name)
	if o.GOROOT != "" {
		cmd.Path = filepath.Join(o.GOROOT, "bin", "go")
		cmd.Env = append(os.Environ(), "GOROOT="+o.GOROOT, "GOTOOLCHAIN=local")
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, strings.ReplaceAll(strings.TrimPrefix(`
open process TRUE run
close process TRUE run
open process TRUE waited
close process TRUE waited
open process TRUE waited otherwise
close process TRUE waited otherwise
open process TRUE released
close process TRUE released
`, "\n")+"open process "+(name + " " + strings.Repeat("long", 100))[:79]+"…\n", "TRUE", name), string(out))
}
