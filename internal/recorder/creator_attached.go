//go:build leakcheck_attached

package recorder

import _ "unsafe" // for go:linkname

// creator returns the address of the go statement that started the calling
// goroutine. A probe adds it to package runtime.
//
//go:linkname creator runtime.leakcheckCreator
func creator() uintptr
