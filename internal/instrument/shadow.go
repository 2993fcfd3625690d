package instrument

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// underModuleCache reports whether the go command downloaded the toolchain.
func underModuleCache(tc Toolchain) bool {
	if tc.GOMODCACHE == "" {
		return false
	}
	below, err := filepath.Rel(tc.GOMODCACHE, tc.GOROOT)
	return err == nil && filepath.IsLocal(below)
}

// shadow returns a directory below cache that is the same toolchain as goroot
// by another path: one of symbolic links. There is one for each goroot.
func shadow(cache, goroot string) (string, error) {
	dir := filepath.Join(cache, fmt.Sprintf("goroot-%.8x", sha256.Sum256([]byte(goroot))))
	good := func() bool {
		_, err := os.Stat(filepath.Join(dir, "src", "runtime"))
		return err == nil
	}
	if good() {
		return dir, nil
	}
	return dir, install(cache, dir, func(temporary string) error {
		entries, err := os.ReadDir(goroot)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := os.Symlink(filepath.Join(goroot, e.Name()), filepath.Join(temporary, e.Name())); err != nil {
				return err
			}
		}
		return nil
	}, good)
}
