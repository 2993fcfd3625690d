package command

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A reportFile is where the document goes; the zero reportFile is nowhere.
type reportFile struct {
	path  string
	plain bool // it can be replaced: it is a regular file, or not there yet
}

// openReport finds out, before the tests run, whether the document can be
// written. name is relative to dir. Nothing is left there meanwhile.
func openReport(name, dir string) (reportFile, error) {
	if name == "" {
		return reportFile{}, nil
	}
	path := absolute(name, dir)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return reportFile{}, reportError(err)
	case info.IsDir():
		return reportFile{}, reportError(fmt.Errorf("%s is a directory: name a file", name))
	case !info.Mode().IsRegular():
		return reportFile{path: path}, nil // a pipe, /dev/stderr: opened when there is something to write
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return reportFile{}, reportError(err)
		}
	}
	r := reportFile{path: path, plain: true}
	if err := tryWriting(r.beside()); err != nil {
		return reportFile{}, reportError(err)
	}
	return r, nil
}

func reportError(err error) error { return fmt.Errorf("-%sreport: %w", prefix, err) }

// beside is a name in the same directory, of which renaming is atomic.
func (r reportFile) beside() string {
	return filepath.Join(filepath.Dir(r.path), "."+filepath.Base(r.path)+"."+rand.Text())
}

// write writes the document as a whole or not at all.
func (r reportFile) write(d document) error {
	if r.path == "" {
		return nil
	}
	text, err := json.MarshalIndent(d, "", "\t")
	if err != nil {
		return reportError(err)
	}
	text = append(text, '\n')
	if !r.plain {
		if err := appendTo(r.path, text); err != nil {
			return reportError(err)
		}
		return nil
	}
	temporary := r.beside()
	err = os.WriteFile(temporary, text, 0o666)
	if err == nil {
		err = os.Rename(temporary, r.path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return reportError(err)
	}
	return nil
}

// appendTo writes to what is not a regular file.
func appendTo(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
