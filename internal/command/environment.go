package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/instrument"
)

// oldest is the oldest release of Go that the engine linked into the tests
// builds with; suggested is one that does.
const (
	oldest    = "go1.26"
	suggested = "go1.26.8"
)

// goEnv is what go env says of the toolchain and the module that go test will
// use in the same directory.
type goEnv struct {
	GOROOT, GOVERSION, GOOS, GOARCH, GOMODCACHE string
	GOMOD, GOWORK, GO111MODULE, GOFLAGS         string
}

// askGo runs go env. chdir is the -C flag of the command line.
func askGo(goCommand string, chdir []string) (goEnv, error) {
	args := append([]string{"env"}, chdir...)
	args = append(args, "-json", "GOROOT", "GOVERSION", "GOOS", "GOARCH", "GOMODCACHE",
		"GOMOD", "GOWORK", "GO111MODULE", "GOFLAGS")
	cmd := exec.Command(goCommand, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return goEnv{}, errTold
	} else if err != nil {
		return goEnv{}, fmt.Errorf("running %s env: %w", goCommand, err)
	}
	var env goEnv
	if err := json.Unmarshal(out, &env); err != nil {
		return goEnv{}, fmt.Errorf("reading what %s env printed: %w: is it the go command of Go?", goCommand, err)
	}
	return env, nil
}

// check refuses what go test -overlay cannot be run with. dir is for the
// message.
func (e goEnv) check(dir string) error {
	v := strings.TrimPrefix(e.GOVERSION, "devel ")
	if v, _, _ = strings.Cut(v, " "); version.IsValid(v) && version.Compare(v, oldest) < 0 {
		return fmt.Errorf("%s builds the tests here, and leakcheck needs %s or newer: run GOTOOLCHAIN=%s leakcheck test, or write the line \"toolchain %[3]s\" into go.mod",
			v, oldest, suggested)
	}
	if e.GO111MODULE == "off" {
		return fmt.Errorf("modules are off: leakcheck needs one: unset GO111MODULE")
	}
	if e.GOMOD != "" && e.GOMOD != os.DevNull || e.GOWORK != "" && e.GOWORK != "off" {
		return nil
	}
	return fmt.Errorf("no go.mod in %s or above: run leakcheck test inside a module (go mod init makes one)", dir)
}

func (e goEnv) toolchain() instrument.Toolchain {
	return instrument.Toolchain{
		GOROOT:     e.GOROOT,
		Version:    e.GOVERSION,
		GOOS:       e.GOOS,
		GOARCH:     e.GOARCH,
		GOMODCACHE: e.GOMODCACHE,
	}
}

// findGo returns the go command that a shell would run.
func findGo() (string, error) {
	startAfresh()
	path, err := exec.LookPath("go")
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("the go command is not on PATH: install %s or newer (https://go.dev/dl), or add the directory that has it to PATH", oldest)
	}
	if err != nil {
		return "", fmt.Errorf("looking for the go command: %w", err)
	}
	return path, nil
}

// startAfresh takes the marks of a toolchain switch off the environment. A go
// command that runs this one, as go tool and go run do, may have switched to
// the toolchain of another module, and hands it on. Which one tests the module
// here has to be chosen as if go test had been typed.
func startAfresh() {
	path, switched := withoutSwitch(os.Getenv("GOROOT"), os.Getenv("PATH"))
	if !switched {
		return
	}
	before := os.Getenv("PATH")
	os.Setenv("PATH", path)
	if _, err := exec.LookPath("go"); err != nil {
		os.Setenv("PATH", before) // the only one there is
		return
	}
	os.Unsetenv("GOROOT")
}

// withoutSwitch returns PATH without the directory that a switched go command
// puts in front, and whether there was one: GOROOT is then a toolchain in the
// module cache.
func withoutSwitch(goroot, path string) (string, bool) {
	if !strings.HasPrefix(filepath.Base(goroot), "toolchain@") {
		return path, false
	}
	first, rest, _ := strings.Cut(path, string(os.PathListSeparator))
	if !samePath(first, filepath.Join(goroot, "bin")) {
		return path, false
	}
	return rest, true
}

func samePath(a, b string) bool {
	a, b = filepath.Clean(a), filepath.Clean(b)
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}
