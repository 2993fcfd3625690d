package recorder

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// Depth is how many calls of a stack are kept.
const Depth = 48

// Unwinding a stack takes the runtime some 50 ns a frame, following the frame
// pointers takes one or two. So the return addresses found that way serve as
// the key to what the runtime made of them before, as in package stack.

// wrappers is how many more frames the key has than the stack: the runtime
// leaves out some that the compiler made.
const wrappers = 8

// recentSize bounds the memory of recent: what is pushed out is unwound
// again.
const recentSize = 1 << 11

var recent [recentSize]atomic.Pointer[unwound]

// unwound is what the runtime made of one chain of return addresses.
type unwound struct{ key, pcs []uintptr }

// callers returns the stack of its caller, innermost call first, without the
// skip innermost. It is shared: who has it must not change it.
//
//go:norace
func callers(skip int) []uintptr {
	var buf [1 + Depth + wrappers]uintptr
	n := walk(&buf[1], len(buf)-1)
	if n <= 0 {
		return unwind(skip + 1)
	}
	buf[0] = uintptr(skip)
	key := buf[:1+n]
	place := &recent[hash(key)%recentSize]
	if u := place.Load(); u != nil && slices.Equal(u.key, key) {
		return u.pcs
	}
	pcs := unwind(skip + 1)
	if trustworthy(key, pcs) {
		place.Store(&unwound{clone(key), pcs})
	}
	return pcs
}

// unwind is callers, by the runtime. It is apart so that its buffer burdens no
// other call.
//
//go:noinline
//go:norace
func unwind(skip int) []uintptr {
	var buf [Depth]uintptr
	// 2: runtime.Callers and this function.
	return clone(buf[:runtime.Callers(skip+2, buf[:])])
}

//go:norace
func clone(pcs []uintptr) []uintptr {
	c := make([]uintptr, len(pcs))
	//lint:ignore S1001 the race detector sees copy
	for i, pc := range pcs {
		c[i] = pc
	}
	return c
}

// trustworthy reports whether a key names one stack only. A chain of frame
// pointers that ends before it is long enough must end where goroutines do:
// C code may have put a zero there, and then the callers of all its callbacks
// would look alike. And it must have something in common with what the
// runtime found, else frame pointers are not what walk takes them for.
func trustworthy(key, pcs []uintptr) bool {
	chain := key[1:]
	if len(chain) < Depth+wrappers {
		f := runtime.FuncForPC(chain[len(chain)-1])
		if f == nil || f.Name() != "runtime.goexit" {
			return false
		}
	}
	return slices.ContainsFunc(pcs, func(pc uintptr) bool { return slices.Contains(chain, pc) })
}

// hash mixes return addresses; it need not resist anybody.
func hash(pcs []uintptr) uint64 {
	h := uint64(len(pcs))
	for _, pc := range pcs {
		h = (h ^ uint64(pc)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}
