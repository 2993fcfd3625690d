//go:build !gc || leakcheck_nolinkname

package label

import "unsafe"

// Supported reports whether [Current] can tell owners apart.
const Supported = false

// current knows no goroutine's labels: nothing has an owner, and what a test
// leaves is found by comparing with the baseline only.
func current() unsafe.Pointer { return nil }
