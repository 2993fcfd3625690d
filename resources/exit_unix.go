//go:build unix

package resources

import (
	"os"
	"syscall"
)

// raise sends the process a signal whose default action was restored.
func raise(s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(os.Getpid(), number) // it may always signal itself
	}
}
