package goroutine

import "runtime"

// The size of a dump's buffer, in bytes: what a goroutine usually takes, where
// to begin and where to give up.
const (
	dumpEach  = 1 << 10
	dumpFirst = 64 << 10
	dumpLimit = 64 << 20
)

// Dump returns all goroutines, the calling one first. It stops the world for
// as long as the runtime needs to write them down. Of a dump larger than
// 64 MiB the end is missing.
func Dump() []Goroutine { return Parse(dumpText()) }

// dumpText begins with room for the goroutines there are: each attempt with
// too little stops the world once more.
func dumpText() []byte {
	size := max(dumpFirst, min(dumpLimit, runtime.NumGoroutine()*dumpEach))
	for {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < size || size >= dumpLimit {
			return buf[:n]
		}
		size = min(dumpLimit, 2*size)
	}
}
