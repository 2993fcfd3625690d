package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-leakcheck/leakcheck/internal/instrument"
)

// An overlayWriter is [instrument.Write].
type overlayWriter func(cacheDir string, tc instrument.Toolchain, base map[string]string) (instrument.Overlay, error)

// overlayFile is the user's own overlay, from the command line or else from
// GOFLAGS, "" if there is none. It is relative to the directory of -C.
func (in invocation) overlayFile(goflags []flag) string {
	if in.overlay != nil {
		return *in.overlay
	}
	file := ""
	for _, f := range goflags {
		if f.name == "overlay" {
			file = f.value
		}
	}
	return file
}

// readOverlay reads the user's own overlay file. Relative names in it are made
// absolute from dir, as the go command does.
func readOverlay(file, dir string) (map[string]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(absolute(file, dir))
	if err != nil {
		return nil, fmt.Errorf("reading the file of -overlay: %w", err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &overlay); err != nil {
		return nil, fmt.Errorf("-overlay=%s: %w: see go help build for what such a file looks like", file, err)
	}
	replace := make(map[string]string, len(overlay.Replace))
	for from, to := range overlay.Replace {
		if from == "" {
			return nil, fmt.Errorf("-overlay=%s: it replaces a file without a name", file)
		}
		if to != "" {
			to = absolute(to, dir)
		}
		replace[absolute(from, dir)] = to
	}
	if len(replace) < len(overlay.Replace) {
		return nil, fmt.Errorf("-overlay=%s: it replaces a file twice, under two names", file)
	}
	return replace, nil
}

// absolute is file as seen from dir.
func absolute(file, dir string) string {
	if filepath.IsAbs(file) {
		return filepath.Clean(file)
	}
	return filepath.Join(dir, file)
}
