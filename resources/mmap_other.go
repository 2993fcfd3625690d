//go:build !unix

package resources

import (
	"errors"
	"fmt"
	"runtime"
)

func mapFile(f Mappable, offset int64, length, prot, flags int) (name string, data []byte, err error) {
	return "", nil, fmt.Errorf("resources: mapping %d bytes from offset %d: there is no mmap on %s: %w; read the file instead", length, offset, runtime.GOOS, errors.ErrUnsupported)
}

func unmapMemory([]byte) error { return errors.ErrUnsupported }

func syncMemory([]byte) error { return errors.ErrUnsupported }
