package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the scripts print into their golden listings")

// The checkout, and where the scripts are in it.
var (
	root    = must(filepath.Abs("../.."))
	scripts = filepath.Join(root, "testdata", "script")
)

// TestMain runs more scripts at a time than there are processors, unless told
// otherwise: half of the time they wait for a grace to be over.
func TestMain(m *testing.M) {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestScript(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the golden listings show the descriptors of Linux")
	}
	goenv := goEnv(t)
	putOnPath := onPath(t)
	testscript.Run(t, testscript.Params{
		Dir:                scripts,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			for _, name := range slices.Sorted(maps.Keys(goenv)) {
				env.Setenv(name, goenv[name])
			}
			env.Setenv("ROOT", root)
			env.Setenv("GOFLAGS", "-mod=mod")
			env.Setenv("GOTOOLCHAIN", "local")
			env.Setenv("GOWORK", "off")
			env.Setenv("GOTRACEBACK", "") // as a user has it
			env.Setenv("HOME", os.Getenv("HOME"))
			putOnPath(env)
			env.Values[updates{}] = make(map[string]string)
			env.Values[trees{}] = make(map[string]string)
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"module":    cmdModule,
			"exits":     cmdExits,
			"listing":   cmdListing,
			"remember":  cmdRemember,
			"untouched": cmdUntouched,
		},
	})
}

// goEnv is what the go command of a script shares with that of the user.
func goEnv(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "env", "-json",
		"GOCACHE", "GOMODCACHE", "GOPATH", "GOROOT", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE").Output()
	if err != nil {
		t.Fatal("go env:", err)
	}
	env := make(map[string]string)
	if err := json.Unmarshal(out, &env); err != nil {
		t.Fatal("go env:", err)
	}
	return env
}

// condition is true for hideproc where a process may have a /proc of its own,
// and for mounts where it may mount a directory for itself.
func condition(name string) (bool, error) {
	switch name {
	case "hideproc":
		return exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", "/proc").Run() == nil, nil
	case "mounts":
		return mounts(), nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// cmdModule writes the go.mod of a sample.
func cmdModule(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: module NAME [DIR]")
	}
	dir := ts.MkAbs(".")
	if len(args) == 2 {
		dir = ts.MkAbs(args[1])
	}
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	ts.Check(err)
	name, rest, _ := strings.Cut(string(own), "\n")
	path := strings.TrimPrefix(name, "module ")
	ts.Check(os.WriteFile(filepath.Join(dir, "go.mod"),
		fmt.Appendf(nil, "module %s\n%s\nrequire %s v0.0.0\n\nreplace %s => %s\n", args[0], rest, path, path, root), 0o666))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o666))
}

// cmdExits runs a program that must end with an exit code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdListing compares what was printed with a golden file.
func cmdListing(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: [!] listing WANT [stdout|stderr|FILE]")
	}
	source := "stdout"
	if len(args) == 2 {
		source = args[1]
	}
	got := normalise(ts.ReadFile(source), places{work: ts.Getenv("WORK"), goroot: ts.Getenv("GOROOT"), root: root})
	want := ts.ReadFile(args[0])
	switch {
	case (got == want) != neg:
	case neg:
		ts.Fatalf("%s is as %s has it", source, args[0])
	case *update:
		noteUpdate(ts, args[0], got)
	default:
		ts.Fatalf("%s differs from %s:\n%s", source, args[0],
			diff.Diff(args[0], []byte(want), source, []byte(got)))
	}
}

// updates is the key of a script's new golden files, by name in the archive.
type updates struct{}

// noteUpdate writes the golden file into the script when the script ends.
func noteUpdate(ts *testscript.TestScript, file, content string) {
	name, err := filepath.Rel(ts.Getenv("WORK"), ts.MkAbs(file))
	ts.Check(err)
	all := ts.Value(updates{}).(map[string]string)
	if len(all) == 0 {
		ts.Defer(func() { writeUpdates(ts, all) })
	}
	all[filepath.ToSlash(name)] = content
}

func writeUpdates(ts *testscript.TestScript, all map[string]string) {
	script := filepath.Join(scripts, ts.Name()+".txtar")
	archive, err := txtar.ParseFile(script)
	if err != nil {
		ts.Logf("-update: %v", err)
		return
	}
	for i, f := range archive.Files {
		if content, ok := all[f.Name]; ok {
			archive.Files[i].Data = []byte(content)
		}
	}
	if err := os.WriteFile(script, txtar.Format(archive), 0o666); err != nil {
		ts.Logf("-update: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
