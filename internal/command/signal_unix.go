//go:build unix

package command

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// relayed are the signals that go test gets, and has to deal with, before this
// command ends. One that is ignored, as nohup makes it, stays ignored.
func relayed() []os.Signal {
	all := []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
	return slices.DeleteFunc(all, signal.Ignored)
}

// exitCode is what a shell makes of how a process ended.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
