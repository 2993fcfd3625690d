//go:build gc && (amd64 || arm64) && !leakcheck_noasm

package resources

const readsG = true

// wordOfG returns the 8 bytes at an offset in the runtime's description of the
// calling goroutine.
//
//go:noescape
func wordOfG(offset uintptr) uint64
