//go:build !unix

package resources

import (
	"os"
	"runtime"
)

// raise ends the process as its default action on a signal does: nothing here
// can raise one.
func raise(os.Signal) {
	if runtime.GOOS == "windows" {
		status := uint32(0xC000013A) // STATUS_CONTROL_C_EXIT
		os.Exit(int(status))
	}
	os.Exit(2)
}
