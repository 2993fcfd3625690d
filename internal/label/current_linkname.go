//go:build gc && !leakcheck_nolinkname

package label

import "unsafe"

// Supported reports whether [Current] can tell owners apart.
const Supported = true

// current reads the label pointer of the running goroutine. The runtime
// promises to keep the name and the signature: "Do not remove or change the
// type signature. See go.dev/issue/67401" in runtime/proflabel.go. Should it
// go all the same, the build tag leakcheck_nolinkname selects
// current_portable.go, and TestCurrentFollowsTheGoroutine says so.
//
//go:linkname current runtime/pprof.runtime_getProfLabel
func current() unsafe.Pointer
