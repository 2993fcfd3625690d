package command

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

func TestReportFile(t *testing.T) {
	dir := t.TempDir()
	r, err := openReport("r.json", dir)
	require.NoError(t, err)
	assert.Empty(t, names(t, dir), "nothing is there while the tests run")

	require.NoError(t, r.write(newDocument("go1.26.8", 0, nil)))
	assert.Equal(t, []string{"r.json"}, names(t, dir))
	text, err := os.ReadFile(filepath.Join(dir, "r.json"))
	require.NoError(t, err)
	assert.Equal(t, `{
	"go": "go1.26.8",
	"exit_code": 0,
	"packages": [],
	"by_kind": {},
	"total": 0
}
`, string(text))

	r, err = openReport(filepath.Join(dir, "r.json"), "elsewhere")
	require.NoError(t, err)
	require.NoError(t, r.write(newDocument("go1.26.8", 1, []packageReports{{
		Package: "example.com/a",
		Reports: []leakcheck.Report{{Subject: "TestA", Total: 1, Leaks: []leakcheck.Leak{{Kind: "file"}}}},
	}})))
	text, err = os.ReadFile(filepath.Join(dir, "r.json"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"exit_code": 1`)
	assert.Contains(t, string(text), `"total": 1`)
}

func TestNoReportFile(t *testing.T) {
	r, err := openReport("", t.TempDir())
	require.NoError(t, err)
	assert.NoError(t, r.write(document{}))
}

func TestReportFileRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := openReport(".", dir)
	assert.EqualError(t, err, "-leak.report: . is a directory: name a file")
	_, err = openReport("missing/r.json", dir)
	assert.ErrorContains(t, err, "-leak.report: open "+filepath.Join(dir, "missing"))
	assert.Empty(t, names(t, dir))
}

func TestReportFileBehindALink(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target.json")
	require.NoError(t, os.WriteFile(target, nil, 0o666))
	if err := os.Symlink(target, filepath.Join(dir, "link.json")); err != nil {
		t.Skip(err)
	}
	r, err := openReport("link.json", dir)
	require.NoError(t, err)
	require.NoError(t, r.write(document{}))
	info, err := os.Lstat(filepath.Join(dir, "link.json"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "it still is a link")
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.NotEmpty(t, text)
}

func TestReportFileThatIsADevice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("devices are not files")
	}
	r, err := openReport(os.DevNull, ".")
	require.NoError(t, err)
	require.NoError(t, r.write(document{}))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeDevice, "it still is a device")
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
