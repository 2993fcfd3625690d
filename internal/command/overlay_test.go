package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadOverlay(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "o.json"), []byte(text), 0o666))
	}

	none, err := readOverlay("", dir)
	require.NoError(t, err)
	assert.Empty(t, none)

	outside := filepath.Join(elsewhere, "x.go")
	write(`{"Replace": {"a.go": "sub/../b.go", "gone.go": "", ` + quote(outside) + `: "c.go"}}`)
	got, err := readOverlay("o.json", dir)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		filepath.Join(dir, "a.go"):    filepath.Join(dir, "b.go"),
		filepath.Join(dir, "gone.go"): "",
		outside:                       filepath.Join(dir, "c.go"),
	}, got)

	for text, want := range map[string]string{
		`{"Replace": [`:                           "-overlay=o.json: unexpected end of JSON input: see go help build for what such a file looks like",
		`{"Replace": {"": "a"}}`:                  "-overlay=o.json: it replaces a file without a name",
		`{"Replace": {"a.go": "", "./a.go": ""}}`: "-overlay=o.json: it replaces a file twice, under two names",
	} {
		write(text)
		_, err := readOverlay("o.json", dir)
		assert.EqualError(t, err, want)
	}
	_, err = readOverlay("missing.json", dir)
	assert.ErrorContains(t, err, "reading the file of -overlay: open "+filepath.Join(dir, "missing.json"))
}

func quote(path string) string { return `"` + filepath.ToSlash(path) + `"` }

func TestOverlayFile(t *testing.T) {
	goflags := splitGOFLAGS("-overlay=a.json -overlay=b.json")
	named, empty := "c.json", ""
	assert.Equal(t, "", invocation{}.overlayFile(nil))
	assert.Equal(t, "b.json", invocation{}.overlayFile(goflags))
	assert.Equal(t, "c.json", invocation{overlay: &named}.overlayFile(goflags))
	assert.Equal(t, "", invocation{overlay: &empty}.overlayFile(goflags))
}
