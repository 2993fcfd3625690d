//go:build linux || darwin

package fdtable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeyAt(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	require.NoError(t, os.WriteFile(other, nil, 0o666))
	f, err := os.Create(path)
	require.NoError(t, err)
	fd := int32(f.Fd())
	table, err := NewReader().Read(nil)
	require.NoError(t, err)
	f.Close()

	for _, k := range table {
		if k.FD == fd {
			assert.True(t, k.At(path), "the descriptor need not be open")
			assert.False(t, k.At(other))
			assert.False(t, k.At(filepath.Join(dir, "none")))
			return
		}
	}
	t.Fatalf("fd %d is not in %v", fd, table)
}
