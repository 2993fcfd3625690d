//go:build gc && !leakcheck_nolinkname

package goroutine

import (
	"runtime"
	"slices"
	"unsafe"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// record mirrors internal/profilerecord.StackRecord.
type record struct{ stack []uintptr }

// profileWithLabels is how runtime/pprof takes its goroutine profile. To read
// it directly costs a third of writing the profile and parsing it again, and
// opens no file. The runtime marks the name for linking from elsewhere, but
// promises nothing: should it go, the build tag leakcheck_nolinkname selects
// marked_portable.go, and should the records change, TestMarkedAgreesWithByLabel
// says so.
//
//go:linkname profileWithLabels runtime.pprof_goroutineProfileWithLabels
func profileWithLabels(p []record, labels []unsafe.Pointer) (n int, ok bool)

// AllMarked returns the goroutines that carry labels, whoever set them. It
// stops the world for a moment. ok is false where it is not to be had: use
// [ByLabel] instead.
func AllMarked() (all []Marked, ok bool) {
	all, ok = All()
	return slices.DeleteFunc(all, func(m Marked) bool { return m.Mark == label.Mark{} }), ok
}

// All is [AllMarked] with the goroutines that carry no labels: their Mark is
// zero.
func All() (all []Marked, ok bool) {
	for size := runtime.NumGoroutine() + 16; ; {
		records, labels := make([]record, size), make([]unsafe.Pointer, size)
		n, done := profileWithLabels(records, labels)
		if !done {
			size = n + n/4 + 16
			continue
		}
		all = make([]Marked, n)
		for i, r := range records[:n] {
			all[i] = Marked{label.MarkOf(labels[i]), r.stack}
		}
		return all, true
	}
}
