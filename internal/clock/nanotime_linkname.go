//go:build gc && !leakcheck_nolinkname

package clock

import _ "unsafe" // for go:linkname

// nanotime reads the runtime's monotonic clock, which no synctest bubble
// fakes. The runtime promises to keep it: "all the code linknaming nanotime is
// never going to go away" in runtime/time_nofake.go, go.dev/issue/67401.
// Should it go all the same, the build tag leakcheck_nolinkname selects
// nanotime_portable.go, and TestNowRunsInABubble says so.
//
//go:linkname nanotime runtime.nanotime
func nanotime() int64
