package instrument

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// temporaryPrefix begins the names of directories that are being written.
const temporaryPrefix = "unfinished-"

// staleAfter is the age at which nobody is writing to such a directory any
// more.
const staleAfter = 24 * time.Hour

// install makes the directory dir, below cache, appear all at once: fill
// writes to a temporary directory that is then renamed. good reports whether
// what is there is good: then it is left alone, for another process was
// faster. Otherwise it is replaced.
func install(cache, dir string, fill func(temporary string) error, good func() bool) error {
	temporary, err := os.MkdirTemp(cache, temporaryPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	if err := fill(temporary); err != nil {
		return err
	}
	err = os.Rename(temporary, dir)
	if err == nil || good() {
		return nil
	}
	// A directory cannot take the place of another, so what is not good goes
	// first, by a name that a later run will find if this one ends here.
	if away, err := os.MkdirTemp(cache, temporaryPrefix); err == nil {
		defer os.RemoveAll(away)
		_ = os.Rename(dir, filepath.Join(away, "replaced"))
	}
	err = os.Rename(temporary, dir)
	if err == nil || good() {
		return nil
	}
	return err
}

// writeFiles writes files whose paths are below dir to the same places below
// temporary.
func writeFiles(temporary, dir string, files map[string][]byte) error {
	for path, text := range files {
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.Join(temporary, below)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// removeStale removes what processes left that did not come to an end. What
// cannot be removed does no harm.
func removeStale(cache string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), temporaryPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}

// advise adds what to do to an error of writing to the cache.
func (w writer) advise(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: the cache directory %s takes some 3 MB for each Go release: free some space, or choose another directory", err, w.cache)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the cache directory %s has to be one that can be written to: change its permissions, or choose another", err, w.cache)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: the cache directory %s is a file or below one: remove the file, or choose another directory", err, w.cache)
	}
	return fmt.Errorf("writing to the cache directory %s: %w", w.cache, err)
}
