package recorder

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"
)

// The standard library dials on goroutines of its own, whose stacks say nothing
// of who asked for it. So where it hands the work over the stack of the asking
// goroutine is remembered, and becomes part of every record of the goroutine
// that does the work and of those it starts.

var (
	handedOver sync.Map // what is handed over, a pointer, to *Record
	causes     sync.Map // a label set's address to *taken

	takenOver atomic.Bool // causes may not be empty
)

// taken is a label set that TakeOver made. When it is collected, its address may
// become another's before the entry is gone.
type taken struct {
	labels weak.Pointer[labels]
	cause  *Record
}

// HandOver remembers the stack of the calling goroutine, which is about to have
// another one work on what key, a pointer, points to. Forget ends it.
func HandOver(key any, skip int) { handedOver.Store(key, newRecord(skip+1)) }

// Forget ends what HandOver began.
func Forget(key any) { handedOver.Delete(key) }

// TakeOver makes the calling goroutine one that works on behalf of who handed
// key over. It is to be called once on a goroutine.
func TakeOver(key any) {
	r, ok := handedOver.Load(key)
	if !ok {
		return
	}
	// A goroutine is told apart by the address of its label set, and those
	// that it starts inherit that.
	mark := cloneLabels(currentLabel())
	t := &taken{weak.Make(mark), r.(*Record)}
	address := uintptr(unsafe.Pointer(mark))
	takenOver.Store(true)
	causes.Store(address, t)
	runtime.AddCleanup(mark, func(t *taken) { causes.CompareAndDelete(address, t) }, t)
	setLabel(unsafe.Pointer(mark))
}

// labels is what a label pointer leads to: internal/runtime/pprof/label.Set.
type labels struct{ list []struct{ key, value string } }

func cloneLabels(p unsafe.Pointer) *labels {
	if p == nil {
		return new(labels)
	}
	clone := *(*labels)(p)
	return &clone
}

// cause returns on whose behalf the goroutine with a label set works, nil if
// nobody handed it anything.
func cause(label unsafe.Pointer) *Record {
	if label == nil || !takenOver.Load() {
		return nil
	}
	found, ok := causes.Load(uintptr(label))
	if !ok {
		return nil
	}
	t := found.(*taken)
	if t.labels.Value() != (*labels)(label) {
		return nil
	}
	return t.cause
}

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(unsafe.Pointer)
