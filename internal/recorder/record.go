package recorder

import (
	"sync/atomic"
	"unsafe"
)

// A Record is one opening or closing: when, on whose behalf, from where.
type Record struct {
	Seq   uint64         // orders records; never 0
	When  int64          // on the monotonic clock
	Label unsafe.Pointer // of the goroutine: its profiler labels

	// Creator is the address of the go statement that started the goroutine,
	// 0 if it is not known.
	Creator uintptr
	// Cause is where another goroutine handed over the work that this one
	// does, nil if none did.
	Cause *Record

	pcs []uintptr
}

// Callers returns the program counters of the stack, innermost call first, as
// [runtime.CallersFrames] wants them. They must not be changed.
func (r *Record) Callers() []uintptr { return r.pcs }

var lastSeq atomic.Uint64

// newRecord records the caller's caller, skip calls further out.
//
//go:norace
func newRecord(skip int) *Record {
	r := new(Record)
	r.fill(skip + 1)
	return r
}

// fill makes r a record of the caller's caller, skip calls further out.
//
//go:norace
func (r *Record) fill(skip int) {
	r.Label, r.Creator, r.When = currentLabel(), creator(), nanotime()
	r.Cause = cause(r.Label)
	ignoreSync()
	r.Seq = lastSeq.Add(1)
	r.pcs = callers(skip + 2)
	heedSync()
}

// LastSeq is the sequence number of the latest record.
func LastSeq() uint64 { return lastSeq.Load() }

//go:linkname nanotime runtime.nanotime
func nanotime() int64

//go:linkname currentLabel runtime/pprof.runtime_getProfLabel
func currentLabel() unsafe.Pointer
