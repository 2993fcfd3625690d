package command

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// small mounts a file system of two pages at a new directory.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=8k"); err != nil {
		t.Skip("a file system cannot be mounted here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(dir, 0)) })
	return dir
}

func TestFullDisk(t *testing.T) {
	dir := small(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all"), make([]byte, 8192), 0o666))
	_, err := newRunDir(dir)
	assert.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, "the cache cannot be written: ")
	_, err = openReport("r.json", dir)
	assert.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, "-leak.report: ")
	assert.Equal(t, []string{"all"}, names(t, dir))
}

func TestDiskFullAtTheEnd(t *testing.T) {
	dir := small(t)
	r, err := openReport("r.json", dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all"), make([]byte, 8192), 0o666))
	assert.ErrorIs(t, r.write(newDocument("go1.26.8", 0, nil)), syscall.ENOSPC)
	assert.Equal(t, []string{"all"}, names(t, dir), "nothing half written is left")
}

func TestReadOnlyPlace(t *testing.T) {
	dir := small(t)
	require.NoError(t, syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	_, err := newRunDir(dir)
	assert.ErrorIs(t, err, syscall.EROFS)
	_, err = openReport("r.json", dir)
	assert.ErrorIs(t, err, syscall.EROFS)
}
