package fdtable

import (
	"errors"
	"runtime"
)

// ErrUnsupported is what a [Reader] returns where [Supported] is false.
var ErrUnsupported = errors.New("descriptors are not checked on " + runtime.GOOS)
