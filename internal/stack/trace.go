// Package stack remembers where something was called from.
//
// A stack is captured as program counters only and kept once, however many
// resources were opened there: a hot line costs one lookup, and names and
// line numbers are worked out when somebody reads them.
package stack

import (
	"math/bits"
	"runtime"
	"slices"
	"sync/atomic"
)

// MaxDepth is the largest number of frames that [Capture] keeps.
const MaxDepth = 256

// usualDepth is how many frames fit the buffer of the common case. Clearing
// a buffer for MaxDepth would cost more than the lookup.
const usualDepth = 32

// A Trace is one distinct call stack, innermost call first. Equal stacks are
// one *Trace, so traces are compared and grouped by pointer. A nil *Trace is
// the stack that was not recorded: it has no frames.
type Trace struct {
	hash uint64
	next *Trace // in the same bucket; written before the trace is published
	pcs  []uintptr
}

// buckets is the depot: every trace ever captured, by hash. Chains only grow
// at the head, so a reader needs no lock. Nothing is ever removed: a program
// has as many distinct stacks as it has ways to reach the lines that open
// something, which is thousands and not millions.
var buckets [1 << 12]atomic.Pointer[Trace]

// Capture returns the stack of its caller, without the skip innermost frames
// (0 keeps the caller of Capture itself) and at most depth frames deep. It
// returns nil when depth is not positive or no frame is left; a depth above
// [MaxDepth] is cut to it. It allocates only for a stack never seen before.
func Capture(skip, depth int) *Trace {
	if depth <= 0 {
		return nil
	}
	if depth > usualDepth {
		return captureDeep(skip+1, min(depth, MaxDepth))
	}
	var buf keyBuffer
	t, key, h := remembered(&buf, skip, depth)
	if t != nil {
		return t
	}
	t = capture(skip+1, depth)
	if t != nil && key != nil {
		remember(key, h, t)
	}
	return t
}

// capture and captureDeep unwind. They are apart so that their buffers burden
// no other call.
//
//go:noinline
func capture(skip, depth int) *Trace {
	var buf [usualDepth]uintptr
	// 2: runtime.Callers and this function.
	return intern(buf[:runtime.Callers(skip+2, buf[:depth])])
}

//go:noinline
func captureDeep(skip, depth int) *Trace {
	var buf [MaxDepth]uintptr
	return intern(buf[:runtime.Callers(skip+2, buf[:depth])])
}

// intern returns the one trace that has these program counters. pcs is not
// kept.
func intern(pcs []uintptr) *Trace {
	if len(pcs) == 0 {
		return nil
	}
	h := hash(pcs)
	bucket := &buckets[h%uint64(len(buckets))]
	head := bucket.Load()
	if t := find(head, nil, h, pcs); t != nil {
		return t
	}
	fresh := &Trace{hash: h, pcs: slices.Clone(pcs)}
	for {
		fresh.next = head
		if bucket.CompareAndSwap(head, fresh) {
			return fresh
		}
		seen := head
		head = bucket.Load()
		if t := find(head, seen, h, pcs); t != nil {
			return t
		}
	}
}

// find looks for pcs in the chain from head up to, not including, end.
func find(head, end *Trace, h uint64, pcs []uintptr) *Trace {
	for t := head; t != end; t = t.next {
		if t.hash == h && slices.Equal(t.pcs, pcs) {
			return t
		}
	}
	return nil
}

// hash mixes program counters; it need not resist anybody. No multiplication
// waits for another one.
func hash(pcs []uintptr) uint64 {
	h := uint64(len(pcs))
	for _, pc := range pcs {
		h = bits.RotateLeft64(h, 5) + uint64(pc)*0x9e3779b97f4a7c15
	}
	return h ^ h>>32
}

// PCs returns a copy of the program counters, as [runtime.CallersFrames]
// wants them, or nil for no trace.
func (t *Trace) PCs() []uintptr {
	if t == nil {
		return nil
	}
	return slices.Clone(t.pcs)
}
