package command

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// cacheVariable names the environment variable that puts the cache elsewhere.
const cacheVariable = "LEAKCHECK_CACHE"

// A run's directory is stale when nobody has touched it for a day; a run
// touches its own every hour.
const (
	stale = 24 * time.Hour
	touch = time.Hour
)

// runPrefix begins the name of the directory of a run.
const runPrefix = "run-"

// openCache returns the cache directory, made if need be.
func openCache() (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", cacheError(err)
	}
	removeStale(dir, time.Now())
	return dir, nil
}

func cacheDir() (string, error) {
	if dir := os.Getenv(cacheVariable); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", cacheVariable, dir, err)
		}
		return abs, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no place for the cache: %w: set %s to a directory", err, cacheVariable)
	}
	return filepath.Join(dir, "leakcheck"), nil
}

func cacheError(err error) error {
	return fmt.Errorf("the cache cannot be written: %w: set %s to a directory that can", err, cacheVariable)
}

// removeStale removes what killed runs left. What cannot be removed does no
// harm.
func removeStale(cache string, now time.Time) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() &&
			strings.HasPrefix(e.Name(), runPrefix) && now.Sub(info.ModTime()) > stale {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}

// A runDir is where the tests of one run leave their reports.
type runDir struct {
	path string
	word string // of this run and no other
}

// newRunDir makes the directory of a run, and sees to it that files in it can
// be written: the tests have nobody to tell.
func newRunDir(cache string) (runDir, error) {
	word := rand.Text()
	d := runDir{filepath.Join(cache, runPrefix+word), word}
	if err := os.Mkdir(d.path, 0o777); err != nil {
		return runDir{}, cacheError(err)
	}
	if err := tryWriting(filepath.Join(d.path, "try")); err != nil {
		d.remove()
		return runDir{}, cacheError(err)
	}
	return d, nil
}

// tryWriting writes a file as long as a report, and removes it.
func tryWriting(file string) error {
	err := os.WriteFile(file, make([]byte, 4096), 0o666)
	if removed := os.Remove(file); err == nil {
		err = removed
	}
	return err
}

// keep touches the directory until ctx is done, so that no other run takes it
// for stale.
func (d runDir) keep(ctx context.Context) {
	ticker := time.NewTicker(touch)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			_ = os.Chtimes(d.path, now, now)
		}
	}
}

// remove leaves a directory that cannot be removed to a later run.
func (d runDir) remove() { _ = os.RemoveAll(d.path) }
