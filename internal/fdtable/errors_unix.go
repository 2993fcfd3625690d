//go:build linux || darwin

package fdtable

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// unreadable says that path could not be read or opened (doing), and what to
// do about it. The cause stays reachable with errors.Is.
func unreadable(doing, path string, cause error) error {
	remedy := "mount " + mountOf
	if full(cause) {
		remedy = "close some or raise the limit (ulimit -n)"
	}
	return fmt.Errorf("%s %s: %w: descriptors cannot be checked; %s", doing, path, cause, remedy)
}

// full reports whether err means that no descriptor is free, in this process
// or in the whole system.
func full(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)
}
