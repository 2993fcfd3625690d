//go:build unix

package goroutine

import (
	"syscall"
	"testing"
)

// addSyscall adds a goroutine whose thread is blocked in the kernel: Fd makes
// the pipe one that the poller does not watch.
func addSyscall(t *testing.T, animals map[string]species) {
	p := newPipe(t)
	fd := int(p.r.Fd())
	animals["syscall"] = species{"syscall", func() { readRaw(fd) }, p.close}
}

func readRaw(fd int) { _, _ = syscall.Read(fd, make([]byte, 1)) }
