package process

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// advice says what to do about an error in reading procfs.
func advice(err error) string {
	switch {
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return "close descriptors or raise the limit (ulimit -n), then look again"
	case errors.Is(err, fs.ErrNotExist):
		return "mount procfs on /proc"
	case errors.Is(err, fs.ErrPermission):
		return "allow this process to read its own /proc/self"
	default:
		return "see proc(5) for what the kernel should have written"
	}
}
