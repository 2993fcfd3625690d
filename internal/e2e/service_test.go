package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A service is the sample service in a process of its own.
type service struct {
	cmd    *exec.Cmd
	url    string
	stderr bytes.Buffer
}

// build compiles a package of the checkout.
func build(t *testing.T, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func startService(t *testing.T) *service {
	t.Helper()
	s := &service{cmd: exec.Command(build(t, "./testdata/service"))}
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // it may have ended
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", &s.stderr)
	s.url = "http://" + strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	return s
}

func (s *service) get(t *testing.T, path string) []byte {
	t.Helper()
	resp, err := http.Get(s.url + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", path, text)
	return text
}

// leaks is the page of what is open, by kind, without what serves it.
func (s *service) leaks(t *testing.T) map[string]leakcheck.Leak {
	t.Helper()
	var report leakcheck.Report
	require.NoError(t, json.Unmarshal(s.get(t, "/debug/leaks"), &report))
	found := make(map[string]leakcheck.Leak)
	for _, l := range report.Leaks {
		if calls := l.Stack; len(calls) > 0 && strings.HasPrefix(calls[0].Function, "main.(*service).serve") {
			found[l.Kind] = l
		}
	}
	return found
}

// stop tells the service to end and returns what it reported then.
func (s *service) stop(t *testing.T) string {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, s.cmd.Wait(), "%s", &s.stderr)
	return s.stderr.String()
}

// A place is where a handler opens what it may forget.
type place struct {
	handler string
	line    string // handlers.go:12
}

// forgotten are those places by the kind of what is opened there, as the marks
// in the sample have it.
func forgotten(t *testing.T) map[string]place {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "testdata", "service", "handlers.go"))
	require.NoError(t, err)
	mark := regexp.MustCompile(`// forgets: (\w+)$`)
	function := regexp.MustCompile(`^func \(s \*service\) (\w+)\(`)
	places, in := make(map[string]place), ""
	for i, line := range strings.Split(string(text), "\n") {
		if m := function.FindStringSubmatch(line); m != nil {
			in = m[1]
		}
		if m := mark.FindStringSubmatch(line); m != nil {
			places[m[1]] = place{"main.(*service)." + in, fmt.Sprintf("handlers.go:%d", i+1)}
		}
	}
	require.Len(t, places, 10)
	return places
}

func page(kind string) string {
	switch kind {
	case "tcp":
		return "/conn"
	case "statement":
		return "/stmt"
	case "transaction":
		return "/tx"
	}
	return "/" + kind
}

// mainKind is the kind without how it was opened: file of file:r.
func mainKind(kind string) string { return strings.SplitN(kind, ":", 2)[0] }

// TestServiceUnderLoad shows that what is used and given back is not reported,
// by any of the ways to ask. LEAKCHECK_LOAD makes it longer.
func TestServiceUnderLoad(t *testing.T) {
	length := "3s"
	if l := os.Getenv("LEAKCHECK_LOAD"); l != "" {
		length = l
	}
	s := startService(t)
	var pages []string
	for kind := range forgotten(t) {
		pages = append(pages, page(kind))
	}
	load := exec.Command(build(t, "./testdata/service/load"), "-url", s.url, "-paths", strings.Join(pages, ","), "-clients", "64", "-for", length)
	out, err := load.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s of load: %s", length, out)
	assert.Regexp(t, `^[1-9]\d+ requests`, string(out))
	assert.Empty(t, s.leaks(t))
	assert.Empty(t, s.stop(t), "the exit report")
}

func TestServiceThatForgets(t *testing.T) {
	s := startService(t)
	places := forgotten(t)
	for _, kind := range slices.Sorted(maps.Keys(places)) {
		s.get(t, page(kind)+"?forget=1")
	}

	leaks := s.leaks(t)
	byKind := make(map[string]leakcheck.Leak)
	for k, l := range leaks {
		byKind[mainKind(k)] = l
	}
	for kind, p := range places {
		l, ok := byKind[kind]
		if !assert.True(t, ok, "%s is not on the page", kind) {
			continue
		}
		assert.Equal(t, p.handler, strings.TrimSuffix(l.Stack[0].Function, ".func2"), kind)
		assert.Equal(t, p.line, fmt.Sprintf("%s:%d", filepath.Base(l.Stack[0].File), l.Stack[0].Line), kind)
		assert.Positive(t, l.Age, kind)
	}

	prof, err := profile.ParseData(s.get(t, "/debug/pprof/leakcheck"))
	require.NoError(t, err)
	for kind, p := range places {
		assert.True(t, slices.ContainsFunc(prof.Sample, func(sample *profile.Sample) bool {
			return mainKind(strings.Join(sample.Label["kind"], "")) == kind && passes(sample, p) && sample.Value[0] == 1
		}), "%s is not in the profile", kind)
	}

	report := s.stop(t)
	for kind, p := range places {
		assert.Regexp(t, `(?m)^ +[0-9.]+m?s  `+kind+`[ :]`, report)
		assert.Contains(t, report, p.line, kind)
	}
}

// passes reports whether the stack of a sample passes a place.
func passes(sample *profile.Sample, p place) bool {
	return slices.ContainsFunc(sample.Location, func(l *profile.Location) bool {
		return slices.ContainsFunc(l.Line, func(line profile.Line) bool {
			return strings.HasPrefix(line.Function.Name, p.handler) &&
				fmt.Sprintf("%s:%d", filepath.Base(line.Function.Filename), line.Line) == p.line
		})
	})
}
