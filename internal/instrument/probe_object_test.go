package instrument

import (
	"go/token"
	"go/types"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	engine "github.com/go-leakcheck/leakcheck"
)

var objectProbes = []Probe{
	bodyProbe,
	bodyHTTP2Probe,
	rowsProbe,
	statementProbe,
	transactionProbe,
	connectionProbe,
	databaseProbe,
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
			tc := toolchain(t).on("linux/amd64")
			_, left, err := patch(objectProbes, tc, without(t, tc, test.file, test.was, test.is))
			require.NoError(t, err)
			require.Len(t, left, 1)
			assert.Equal(t, test.probe.Name, left[0].Probe)
			assert.Contains(t, left[0].Reason, test.reason+tc.Version)
		})
	}
}

func TestBodyProbesCompileWithoutHTTP2(t *testing.T) {
	tc := toolchain(t)
	o, err := writer{t.TempDir(), tc, nil, Probes, engine.FS}.write()
	require.NoError(t, err)
	doc, ok := read(filepath.Dir(o.File))
	require.True(t, ok)
	l := &library{tc: tc, replace: doc.Replace, fset: token.NewFileSet(), packages: make(map[string]*types.Package)}
	l.context = tc.constraints(doc.Replace, "nethttpomithttp2")
	_, err = l.Import("net/http")
	assert.NoError(t, err)
	assert.Empty(t, l.errs)
}

func TestBeginSaysWhatIsMissing(t *testing.T) {
	p, err := load(toolchain(t), nil, "os")
	require.NoError(t, err)
	assert.ErrorContains(t, begin(p, "", "*Process", "Await", "p"), "method (*Process).Await is not in go")
	assert.ErrorContains(t, begin(p, "", "*Process", "Wait", "process", "_", "_"), "(p, _, _) in go")
}
