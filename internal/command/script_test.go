package command

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-leakcheck/leakcheck/internal/instrument"
)

// TestMain makes the test binary the leakcheck command of the scripts. They
// are about the command and not about what it links into the tests: those of
// the scripts write their own reports.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"leakcheck": func() { os.Exit(run(os.Args[1:], writeBase)) },
	})
}

// writeBase writes an overlay that has nothing but what the user's has. The
// environment variables FAKE_LEFTOUT and FAKE_GOROOT are what it returns
// besides.
func writeBase(cacheDir string, tc instrument.Toolchain, base map[string]string) (instrument.Overlay, error) {
	o := instrument.Overlay{File: filepath.Join(cacheDir, "overlay.json"), GOROOT: os.Getenv("FAKE_GOROOT")}
	if probe, reason, ok := strings.Cut(os.Getenv("FAKE_LEFTOUT"), "="); ok {
		o.LeftOut = []instrument.LeftOut{{Probe: probe, Reason: reason}}
	}
	text, err := json.Marshal(map[string]any{"Replace": base})
	if err != nil {
		return o, err
	}
	return o, os.WriteFile(o.File, text, 0o666)
}

func TestScript(t *testing.T) {
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOPATH", "GOMODCACHE", "GOVERSION").Output()
	if err != nil {
		t.Fatal("go env:", err)
	}
	var env map[string]string
	if err := json.Unmarshal(out, &env); err != nil {
		t.Fatal("go env:", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"GOCACHE", "GOPATH", "GOMODCACHE"} {
				e.Setenv(name, env[name])
			}
			e.Setenv("GO_VERSION", env["GOVERSION"])
			e.Setenv("GOFLAGS", "")
			e.Setenv("GOENV", "off")
			e.Setenv("GOTOOLCHAIN", "local")
			e.Setenv("GOWORK", "")
			e.Setenv("LEAKCHECK_CACHE", filepath.Join(e.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

// exits runs a program that must end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
