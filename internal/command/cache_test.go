package command

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCacheDir(t *testing.T) {
	t.Setenv(cacheVariable, "")
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	dir, err := cacheDir()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(user, "leakcheck"), dir)

	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	require.NoError(t, err)
	t.Setenv(cacheVariable, "cache")
	dir, err = cacheDir()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(here, "cache"), dir)
}

func TestRemoveStale(t *testing.T) {
	cache := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{
		"run-old": 25 * time.Hour, "run-new": 23 * time.Hour, "overlay-old": 25 * time.Hour,
	} {
		dir := filepath.Join(cache, name)
		require.NoError(t, os.Mkdir(dir, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "1.jsonl"), nil, 0o666))
		require.NoError(t, os.Chtimes(dir, now.Add(-age), now.Add(-age)))
	}
	removeStale(cache, now)
	left, err := filepath.Glob(filepath.Join(cache, "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(cache, "overlay-old"), filepath.Join(cache, "run-new")}, left)
}

func TestRunDirsDiffer(t *testing.T) {
	cache := t.TempDir()
	a, err := newRunDir(cache)
	require.NoError(t, err)
	b, err := newRunDir(cache)
	require.NoError(t, err)
	assert.NotEqual(t, a.word, b.word)
	for _, d := range []runDir{a, b} {
		assert.DirExists(t, d.path)
		left, err := os.ReadDir(d.path)
		require.NoError(t, err)
		assert.Empty(t, left)
		d.remove()
		assert.NoDirExists(t, d.path)
	}
}
