package leakcheck

import "github.com/go-leakcheck/leakcheck/internal/fdtable"

// OpenDescriptors returns how many descriptors the process has open, by
// listing /dev/fd. The error says why that could not be read.
func OpenDescriptors() (int, error) { return fdtable.NewReader().Count() }
