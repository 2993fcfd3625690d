package resources_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	_ "net/http/pprof" // RegisterProfile stands beside it
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openTwice opens two resources on one line.
func openTwice(t *testing.T, opts ...resources.Option) {
	t.Helper()
	for _, name := range []string{"a.txt", "b\xff.txt"} {
		s := resources.OpenStandin(name, opts...)
		t.Cleanup(func() { _ = s.Close() })
	}
}

func parsedProfile(t *testing.T, b []byte) *profile.Profile {
	t.Helper()
	p, err := profile.ParseData(b)
	require.NoError(t, err)
	require.NoError(t, p.CheckValid())
	return p
}

func TestWriteProfile(t *testing.T) {
	_, in := ownTracker()
	openTwice(t, in)
	var b bytes.Buffer
	require.NoError(t, resources.WriteProfile(&b, in))
	p := parsedProfile(t, b.Bytes())
	require.Len(t, p.Sample, 2)
	assert.Equal(t, "open", p.DefaultSampleType)
	for i, name := range []string{"a.txt", "b\uFFFD.txt"} {
		s := p.Sample[i]
		assert.Equal(t, []int64{1, 0}, s.Value)
		assert.Equal(t, map[string][]string{"kind": {"thing"}, "name": {name}}, s.Label)
		assert.Equal(t, map[string][]int64{"age": {0}}, s.NumLabel)
		assert.Equal(t, map[string][]string{"age": {"seconds"}}, s.NumUnit)
	}
	p.RemoveUninteresting()
	top := p.Sample[0].Location[0]
	assert.Contains(t, top.Line[0].Function.Name, "resources_test.openTwice")
	assert.Equal(t, "profile_test.go", filepath.Base(top.Line[0].Function.Filename))
	assert.Same(t, p.Mapping[0], top.Mapping)
}

func TestWriteProfileWithoutStacks(t *testing.T) {
	tr, in := ownTracker()
	tr.SetStackDepth(0)
	openTwice(t, in)
	var b bytes.Buffer
	require.NoError(t, resources.WriteProfile(&b, in))
	assert.Equal(t, "[stack not recorded]", parsedProfile(t, b.Bytes()).Sample[0].Location[0].Line[0].Function.Name)
}

func TestWriteProfileOfNothing(t *testing.T) {
	_, in := ownTracker()
	var b bytes.Buffer
	require.NoError(t, resources.WriteProfile(&b, in))
	assert.Empty(t, parsedProfile(t, b.Bytes()).Sample)
}

func TestWriteProfileFails(t *testing.T) {
	assert.ErrorContains(t, resources.WriteProfile(nil), "resources: writing the profile: the writer is nil")
	broken := errors.New("broken")
	err := resources.WriteProfile(badWriter{func() (int, error) { return 0, broken }})
	require.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "resources: writing the profile")
}

// pprofTop runs go tool pprof -top on a file or an address.
func pprofTop(t *testing.T, source string, flags ...string) string {
	t.Helper()
	return pprof(t, append([]string{"-top"}, append(flags, source)...)...)
}

func pprof(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"tool", "pprof"}, args...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func requireGo(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("this needs go tool pprof: ", err)
	}
}

const pprofTopLine = `(?m)^ +2 +100% +100% +2 +100% +github.com/go-leakcheck/leakcheck/resources_test\.openTwice$`

func TestProfileInPprofFromAFile(t *testing.T) {
	requireGo(t)
	_, in := ownTracker()
	openTwice(t, in)
	name := filepath.Join(t.TempDir(), "leakcheck.pb.gz")
	f, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, resources.WriteProfile(f, in))
	require.NoError(t, f.Close())
	out := pprofTop(t, name)
	assert.Contains(t, out, "Type: open\n")
	assert.Regexp(t, pprofTopLine, out)
	assert.Regexp(t, ` 2 +2 .*resources\.OpenStandin\(name`, pprof(t, "-list=openTwice", name))
	assert.Contains(t, pprofTop(t, name, "-sample_index=age"), "Type: age\n")
	assert.Regexp(t, `(?m)^ +1 +50.00% +50.00% +1 +50.00% .*openTwice$`, pprofTop(t, name, "-tagfocus=name=a.txt"))
}

func TestProfileInPprofFromAService(t *testing.T) {
	requireGo(t)
	_, in := ownTracker()
	openTwice(t, in)
	mux := http.NewServeMux()
	require.NoError(t, resources.RegisterProfile(mux, in))
	server := httptest.NewServer(mux)
	defer server.Close()
	assert.Regexp(t, pprofTopLine, pprofTop(t, server.URL+resources.ProfilePath))
}

func TestRegisterProfileTwice(t *testing.T) {
	mux := http.NewServeMux()
	require.NoError(t, resources.RegisterProfile(mux))
	err := resources.RegisterProfile(mux)
	require.ErrorContains(t, err, "resources: registering the profile: ")
	assert.ErrorContains(t, err, resources.ProfilePath)

	other := http.NewServeMux()
	other.Handle("/debug/{any}/leakcheck", http.NotFoundHandler())
	assert.NoError(t, resources.RegisterProfile(other), "what is more general does not conflict")
	other = http.NewServeMux()
	other.Handle("localhost"+resources.ProfilePath, http.NotFoundHandler())
	assert.NoError(t, resources.RegisterProfile(other))
	other = http.NewServeMux()
	other.Handle("GET "+resources.ProfilePath, http.NotFoundHandler())
	assert.ErrorContains(t, resources.RegisterProfile(other), "conflicts with pattern")
}

func init() {
	children["register profile"] = func() {
		fmt.Println(resources.RegisterProfile(nil))
		for _, path := range []string{resources.ProfilePath + "?debug=1", "/debug/pprof/goroutine?debug=1"} {
			w := httptest.NewRecorder()
			http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			line, _, _ := strings.Cut(w.Body.String(), ":")
			fmt.Println(w.Code, line)
		}
		fmt.Println(resources.RegisterProfile(nil))
	}
}

// The default mux can be registered at once only.
func TestRegisterProfileBesidePprof(t *testing.T) {
	t.Parallel()
	lines := strings.Split(runChild(t, "register profile").stdout, "\n")
	require.Greater(t, len(lines), 3)
	assert.Equal(t, []string{"<nil>", "200 leakcheck", "200 goroutine profile"}, lines[:3])
	assert.Contains(t, lines[3], "resources: registering the profile: ")
	assert.Contains(t, strings.Join(lines, ""), "register it once for each mux")
}

func TestProfileHandler(t *testing.T) {
	_, in := ownTracker()
	openTwice(t, in)
	server := httptest.NewServer(resources.ProfileHandler(in))
	defer server.Close()

	code, header, body := askHandler(t, "GET", server.URL)
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "application/octet-stream", header.Get("Content-Type"))
	assert.Len(t, parsedProfile(t, []byte(body)).Sample, 2)

	code, header, body = askHandler(t, "GET", server.URL+"?debug=1")
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "text/plain; charset=utf-8", header.Get("Content-Type"))
	assert.Contains(t, body, "leakcheck: the tracker holds 2: 2 thing (oldest ")

	code, _, body = askHandler(t, "HEAD", server.URL)
	assert.Equal(t, http.StatusOK, code)
	assert.Empty(t, body)

	code, header, _ = askHandler(t, "POST", server.URL)
	assert.Equal(t, http.StatusMethodNotAllowed, code)
	assert.Equal(t, "GET, HEAD", header.Get("Allow"))
}

// askHandler makes a request on a connection of its own.
func askHandler(t *testing.T, method, url string) (code int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(b)
}
