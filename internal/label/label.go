// Package label marks the goroutines of one owner.
//
// A goroutine's profiler labels are inherited by every goroutine it starts,
// so a label set on the goroutine of a test marks all the work done for that
// test. The runtime keeps the label set behind one pointer; that pointer,
// once read, identifies the owner without looking at the labels themselves.
package label

import "unsafe"

// A Mark is the identity of one owner's label set. The zero Mark is no owner.
// A Mark keeps its label set alive, so no later owner can have an equal one.
type Mark struct{ p unsafe.Pointer }

// Set labels the calling goroutine, and all it will start, with value under
// [Key] and returns the mark that [Current] will report on those goroutines.
// It replaces whatever labels the goroutine had. Where the runtime's label
// pointer cannot be read (see current_portable.go) the mark is zero, while
// the goroutine profile still shows the label.
func Set(value string) Mark {
	set(value)
	return Current()
}

// Current returns the mark of the calling goroutine: that of [Set] when the
// goroutine or the nearest ancestor that set labels was marked by it,
// another one when its labels were replaced since, and the zero Mark when it
// has none.
func Current() Mark { return Mark{current()} }

// MarkOf returns the mark of a goroutine whose label pointer p was read from
// the runtime's records.
func MarkOf(p unsafe.Pointer) Mark { return Mark{p} }
