package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// command builds the leakcheck command once.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "leakcheck")
	if err != nil {
		return "", err
	}
	exe := filepath.Join(dir, "leakcheck")
	out, err := exec.Command("go", "build", "-o", exe, root+"/cmd/leakcheck").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %v\n%s", err, out)
	}
	return exe, nil
})

// TestSamples runs the sample modules under the command. Each line of a leaky
// package that opens what stays open says so, and is the first line that its
// listing shows; the clean packages do the same and close it.
func TestSamples(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the samples open what Linux has")
	}
	exe, err := command()
	require.NoError(t, err)
	for _, name := range []string{"opens", "objects"} {
		for _, race := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s race=%v", name, race), func(t *testing.T) {
				s := newSample(t, exe, name, race)
				s.leaky()
				s.clean()
			})
		}
	}
}

// A sample is a copy of a sample module.
type sample struct {
	t        *testing.T
	exe, dir string
	flags    []string
	report   string
}

func newSample(t *testing.T, exe, name string, race bool) *sample {
	t.Helper()
	s := &sample{t: t, exe: exe, dir: filepath.Join(t.TempDir(), name)}
	s.report = filepath.Join(filepath.Dir(s.dir), "report.json")
	require.NoError(t, os.CopyFS(s.dir, os.DirFS(filepath.Join(root, "testdata", name))))
	s.flags = []string{"test", "-leak.grace=200ms", "-leak.report=" + s.report}
	if race {
		s.flags = append(s.flags, "-race")
	}
	return s
}

func (s *sample) run(args ...string) (output string, code int) {
	s.t.Helper()
	cmd := exec.Command(s.exe, append(slices.Clone(s.flags), args...)...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		require.NoError(s.t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s *sample) leaky() {
	s.t.Helper()
	out, code := s.run("./leaky")
	require.Equal(s.t, 1, code, out)
	marked := s.marked()
	assert.Equal(s.t, marked, s.found(kindsOf(marked)), out)
}

func (s *sample) clean() {
	s.t.Helper()
	out, code := s.run("-count=2", "./clean")
	assert.Equal(s.t, 0, code, out)
	assert.NotContains(s.t, out, "leakcheck")
}

var mark = regexp.MustCompile(`// leak: ([a-z ]+)$`)

// marked lists the lines that say what they leak, "leaky.go:21 file" for each
// kind.
func (s *sample) marked() []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "leaky", "*.go"))
	require.NoError(s.t, err)
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(s.t, err)
		for i, line := range strings.Split(string(text), "\n") {
			if m := mark.FindStringSubmatch(line); m != nil {
				for _, kind := range strings.Fields(m[1]) {
					all = append(all, fmt.Sprintf("%s:%d %s", filepath.Base(file), i+1, kind))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// kindsOf returns the kinds that marked lines leak. What those take along, such
// as the connection of a body, is not marked.
func kindsOf(marked []string) map[string]bool {
	kinds := make(map[string]bool)
	for _, m := range marked {
		_, kind, _ := strings.Cut(m, " ")
		kinds[kind] = true
	}
	return kinds
}

// found lists the lines that opened the leaks of some kinds that were reported.
func (s *sample) found(kinds map[string]bool) []string {
	s.t.Helper()
	var doc struct {
		Packages []struct {
			Reports []leakcheck.Report `json:"reports"`
		} `json:"packages"`
	}
	text, err := os.ReadFile(s.report)
	require.NoError(s.t, err)
	require.NoError(s.t, json.Unmarshal(text, &doc))
	var all []string
	for _, p := range doc.Packages {
		for _, r := range p.Reports {
			for _, l := range r.Leaks {
				if kinds[l.Kind] {
					all = append(all, openedAt(l))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func openedAt(l leakcheck.Leak) string {
	first := l.CreatedBy
	if first.Function == "" && len(l.Stack) > 0 {
		first = l.Stack[0]
	}
	return fmt.Sprintf("%s:%d %s", filepath.Base(first.File), first.Line, l.Kind)
}
