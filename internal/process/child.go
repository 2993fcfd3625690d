package process

import (
	"slices"
	"time"
)

// A Child is the identity of one child process. Two values are equal only if
// they mean the same process, even when its PID was used again.
type Child struct {
	PID int
	// Start is when it was forked, in clock ticks since boot: field 22 of
	// /proc/PID/stat, proc_pid_stat(5).
	Start uint64
}

// A ChildInfo describes a child process to a person.
type ChildInfo struct {
	// Command is the command line, "sleep 60", shortened when very long. Of
	// a process that has exited only the kernel's short name is left, at
	// most 15 bytes. Empty when the process is gone.
	Command string
	// State is [Running], [Stopped], [Exited] or [Gone].
	State string
	// Age is the time since the fork, exact to a clock tick (10 ms).
	Age time.Duration
	// Started reports whether Age is known.
	Started bool
}

// The states of a child process.
const (
	Running = "running"
	Stopped = "stopped"
	Exited  = "exited, not waited for"
	Gone    = "gone" // waited for since it was listed
)

// DiffChildren returns the children of after that are not in before, in the
// order of after. A child that has exited in between is still the same child.
func DiffChildren(before, after []Child) []Child {
	var fresh []Child
	for _, c := range after {
		if !slices.Contains(before, c) {
			fresh = append(fresh, c)
		}
	}
	return fresh
}
