//go:build leakcheck_attached

package label

import (
	"internal/runtime/pprof/label"
	"unsafe"
)

// Key differs from that of a leakcheck package which the tested program itself
// imports. The patched runtime/pprof keeps it on a goroutine whose other labels
// are replaced.
const Key = "leakcheck-test"

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(unsafe.Pointer)

// set does what package runtime/pprof would do, without a context. A label set
// is not changed once it is in use.
func set(value string) {
	setLabels(unsafe.Pointer(&label.Set{List: []label.Label{{Key: Key, Value: value}}}))
}

// Clear removes every label of the calling goroutine, Key too.
func Clear() { setLabels(nil) }

// Value returns what [Set] was given, "" for no mark of this package: labels
// that the program added make another mark of the same owner.
//
// The race detector is not to see that it reads what another goroutine made:
// recording hides that the two are in order.
//
//go:norace
func (m Mark) Value() string {
	if m.p == nil {
		return ""
	}
	for _, l := range (*label.Set)(m.p).List {
		if l.Key == Key {
			return l.Value
		}
	}
	return ""
}
