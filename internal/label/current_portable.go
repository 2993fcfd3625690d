//go:build !gc || leakcheck_nolinkname

package label

import "unsafe"

// current knows no goroutine's labels: nothing has an owner, and what a test
// leaves is found by comparing with the baseline only.
func current() unsafe.Pointer { return nil }
