package stack

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// Unwinding a stack takes the runtime some 50 ns a frame, following the frame
// pointers takes one or two. The return addresses found that way know nothing
// of inlining, but they determine what the runtime would say, so they serve
// as the key to what it said before.

// wrappers is how many more frames the key has than the trace: the runtime
// leaves out some that the compiler made. Should a stack have more of those,
// the last of its recorded frames may be those of a twin.
const wrappers = 8

// recentSize bounds the memory of recent: what is pushed out is unwound
// again.
const recentSize = 1 << 12

var recent [recentSize]atomic.Pointer[unwound]

// unwound is what the runtime made of one chain of return addresses.
type unwound struct {
	key   []uintptr
	trace *Trace
}

// keyBuffer holds skip and depth, then return addresses.
type keyBuffer [2 + usualDepth + wrappers + 6]uintptr

// keyFrames is how many return addresses make a key, if there are as many.
func keyFrames(skip, depth int) int {
	return min(skip+depth+wrappers, len(keyBuffer{})-2)
}

// remembered returns the trace of the stack that [Capture] with these
// arguments was called on, if it was unwound before. key, to be given to
// remember otherwise, is nil where there are no frame pointers to go by.
func remembered(buf *keyBuffer, skip, depth int) (t *Trace, key []uintptr, h uint64) {
	n := walk(&buf[2], keyFrames(skip, depth))
	if n <= 0 {
		return nil, nil, 0
	}
	buf[0], buf[1] = uintptr(skip), uintptr(depth)
	key = buf[:2+n]
	h = hash(key)
	if u := recent[h%recentSize].Load(); u != nil && slices.Equal(u.key, key) {
		return u.trace, key, h
	}
	return nil, key, h
}

// remember keeps t for the next time, if the key can be trusted.
func remember(key []uintptr, h uint64, t *Trace) {
	if trustworthy(key, t) {
		recent[h%recentSize].Store(&unwound{slices.Clone(key), t})
	}
}

// trustworthy reports whether a key names one stack only. A chain of frame
// pointers that ends before it is long enough must end where goroutines do:
// C code may have put a zero there, and then the callers of all its callbacks
// would look alike. And it must have something in common with what the
// runtime found, else frame pointers are not what this package takes them for.
func trustworthy(key []uintptr, t *Trace) bool {
	chain := key[2:]
	if len(chain) < keyFrames(int(key[0]), int(key[1])) {
		f := runtime.FuncForPC(chain[len(chain)-1])
		if f == nil || f.Name() != "runtime.goexit" {
			return false
		}
	}
	return slices.ContainsFunc(t.pcs, func(pc uintptr) bool { return slices.Contains(chain, pc) })
}
