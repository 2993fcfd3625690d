package instrument

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	source "github.com/go-leakcheck/leakcheck"
)

var objectProbes = []Probe{
	bodyProbe,
	bodyHTTP2Probe,
	rowsProbe,
	statementProbe,
	transactionProbe,
	connectionProbe,
	databaseProbe,
	processProbe,
}

// installed is the toolchain that runs the tests.
func installed(t *testing.T) Toolchain {
	t.Helper()
	out, err := exec.Command("go", "env", "-json", "GOROOT", "GOVERSION", "GOOS", "GOARCH", "GOMODCACHE").Output()
	require.NoError(t, err)
	var env struct{ GOROOT, GOVERSION, GOOS, GOARCH, GOMODCACHE string }
	require.NoError(t, json.Unmarshal(out, &env))
	return Toolchain{env.GOROOT, env.GOVERSION, env.GOOS, env.GOARCH, env.GOMODCACHE}
}

func TestObjectProbesFit(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "freebsd", "windows"} {
		t.Run(goos, func(t *testing.T) {
			tc := installed(t)
			tc.GOOS, tc.GOARCH = goos, "amd64"
			changed, left, err := patch(objectProbes, tc, nil)
			require.NoError(t, err)
			assert.Empty(t, left)
			_, tracked := changed[filepath.Join(tc.src("os"), ProbeFile)]
			assert.Equal(t, goos != "linux", tracked, "processes are tracked")
		})
	}
}

// The packages are compiled for systems that the tests do not run on, and
// without the file that a build tag leaves out.
func TestObjectProbesCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles packages of the standard library")
	}
	for _, flags := range [][]string{{"linux"}, {"linux", "-tags=nethttpomithttp2"}, {"darwin"}, {"windows"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			tc := installed(t)
			tc.GOOS, tc.GOARCH = flags[0], "amd64"
			args := append(slices.Clone(flags[1:]), "net/http", "database/sql", "os")
			out, err := goCommand(t, tc, Probes, nil, "build", args...).CombinedOutput()
			require.NoError(t, err, "%s", out)
		})
	}
}

// goCommand is the go command with an overlay.
func goCommand(t *testing.T, tc Toolchain, probes []Probe, base userOverlay, verb string, args ...string) *exec.Cmd {
	t.Helper()
	o, err := writer{t.TempDir(), tc, base, probes, source.FS}.write()
	require.NoError(t, err)
	cmd := exec.Command("go", append([]string{verb, "-overlay=" + o.File}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+tc.GOOS, "GOARCH="+tc.GOARCH)
	if o.GOROOT != "" {
		cmd.Path = filepath.Join(o.GOROOT, "bin", "go")
		cmd.Env = append(cmd.Env, "GOROOT="+o.GOROOT, "GOTOOLCHAIN=local")
	}
	return cmd
}

// A release in which something is not what it was loses the probe that needs
// it, and no other.
func TestObjectProbeLeftOut(t *testing.T) {
	for _, test := range []struct {
		name, file, was, is string
		probe               Probe
		reason              string
	}{
		{
			"a method is gone",
			"net/http/transport.go", "func (es *bodyEOFSignal) condfn(", "func (es *bodyEOFSignal) finish(",
			bodyProbe, "method (*bodyEOFSignal).condfn is not in ",
		},
		{
			"a parameter has another name",
			"net/http/transport.go", "roundTrip(req *transportRequest) (resp *Response", "roundTrip(treq *transportRequest) (resp *Response",
			bodyProbe, "the parameters of (*persistConn).roundTrip are (pc, treq, resp, err) in ",
		},
		{
			"a field has another type",
			"net/http/h2_bundle.go", "peerClosed chan struct{}", "peerClosed <-chan struct{}",
			bodyHTTP2Probe, "http2clientStream.peerClosed is <-chan struct{} in ",
		},
		{
			"a call is gone",
			"database/sql/sql.go", "rows.initContextClose(", "rows.watch(",
			rowsProbe, "(*DB).queryDC does not call rows.initContextClose in ",
		},
		{
			"a call is somewhere else",
			"database/sql/sql.go", "go tx.awaitDone()", "tx.start()",
			transactionProbe, "(*DB).beginDC calls tx.awaitDone 0 times in ",
		},
		{
			"a function takes something else",
			"database/sql/sql.go", "cg stmtConnGrabber, query string) (*Stmt", "cg stmtConnGrabber, query []byte) (*Stmt",
			statementProbe, "(*DB).prepareDC is func(context.Context, *driverConn, func(error), stmtConnGrabber, []byte) (*Stmt, error) in ",
		},
		{
			"a function returns something else",
			"database/sql/sql.go", "Conn(ctx context.Context) (*Conn, error)", "Conn(ctx context.Context) (conn Conn, err error)",
			connectionProbe, "(*DB).Conn is func(context.Context) (Conn, error) in ",
		},
		{
			"a function is gone",
			"database/sql/sql.go", "func OpenDB(", "func openDB(",
			databaseProbe, "OpenDB is not in ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := installed(t)
			tc.GOOS, tc.GOARCH = "linux", "amd64"
			original := tc.src(test.file)
			text, err := os.ReadFile(original)
			require.NoError(t, err)
			require.Contains(t, string(text), test.was)
			altered := filepath.Join(t.TempDir(), "altered.go")
			require.NoError(t, os.WriteFile(altered, []byte(strings.ReplaceAll(string(text), test.was, test.is)), 0o666))

			_, left, err := patch(objectProbes, tc, userOverlay{original: altered})
			require.NoError(t, err)
			require.Len(t, left, 1)
			assert.Equal(t, test.probe.Name, left[0].Probe)
			assert.Contains(t, left[0].Reason, test.reason+tc.Version)
		})
	}
}

func TestBeginSaysWhatIsMissing(t *testing.T) {
	p, err := load(installed(t), nil, "os")
	require.NoError(t, err)
	assert.ErrorContains(t, begin(p, "", "*Process", "Await", "p"), "method (*Process).Await is not in go")
	assert.ErrorContains(t, begin(p, "", "*Process", "Wait", "process", "_", "_"), "(p, _, _) in go")
}
