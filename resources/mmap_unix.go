//go:build unix

package resources

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a part of f and returns its name too. The descriptor is borrowed
// by Control and not by Fd, which may make the file blocking.
func mapFile(f Mappable, offset int64, length, prot, flags int) (name string, data []byte, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return "", nil, fmt.Errorf("resources: mapping %d bytes from offset %d: the file has no descriptor: %w; pass one that is open", length, offset, err)
	}
	name = f.Name()
	var failed error
	err = conn.Control(func(fd uintptr) { data, failed = unix.Mmap(int(fd), offset, length, prot, flags) })
	if err = cmp.Or(err, failed); err != nil {
		return "", nil, fmt.Errorf("resources: mapping %d bytes of %s from offset %d: %w%s", length, name, offset, err, mapAdvice(err))
	}
	return name, data, nil
}

// mapAdvice says what to do about the errors of mmap(2) whose text does not.
func mapAdvice(err error) string {
	switch {
	case errors.Is(err, unix.EINVAL):
		return fmt.Sprintf("; the length must be positive, the offset a multiple of %d, and the flags hold MAP_SHARED or MAP_PRIVATE", os.Getpagesize())
	case errors.Is(err, unix.EACCES):
		return "; open the file for reading, and for writing too where PROT_WRITE is to be shared"
	case errors.Is(err, unix.ENODEV):
		return "; only regular files and some devices can be mapped"
	}
	return ""
}

func unmapMemory(data []byte) error { return unix.Munmap(data) }

func syncMemory(data []byte) error {
	if len(data) == 0 {
		return unix.EINVAL // some systems take a length of 0 for a success
	}
	return unix.Msync(data, unix.MS_SYNC)
}
