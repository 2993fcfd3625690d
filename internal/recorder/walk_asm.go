//go:build gc && amd64

package recorder

// walk stores the return addresses of the calling goroutine's frames, that of
// its caller first, and returns how many: max, or fewer if the goroutine began
// before. It returns -1 when the chain of frame pointers leaves the
// goroutine's stack, as it does across a callback from C.
//
//go:noescape
func walk(dst *uintptr, max int) (n int)
