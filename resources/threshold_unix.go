//go:build linux || darwin

package resources

import (
	"fmt"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"golang.org/x/sys/unix"
)

// descriptors returns how many descriptors are open, and how many may be.
func descriptors() (open int, limit uint64, err error) {
	if open, err = leakcheck.OpenDescriptors(); err != nil {
		return 0, 0, err
	}
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0, 0, fmt.Errorf("reading RLIMIT_NOFILE: %w", err)
	}
	return open, r.Cur, nil
}
