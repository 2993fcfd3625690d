package process

import (
	"fmt"
	"strconv"
	"strings"
)

// A stat is what is needed of one /proc/PID/stat.
type stat struct {
	comm  string
	state byte
	ppid  int
	start uint64 // clock ticks since boot
}

// The places of fields in /proc/PID/stat after the name, counted from zero;
// proc_pid_stat(5) counts from one and has two fields before these.
const (
	statState = 0  // field 3
	statPPID  = 1  // field 4
	statStart = 19 // field 22
)

// parseStat reads the text of a /proc/PID/stat. The name, the second field, is
// in parentheses and may itself hold spaces, parentheses and newlines, so it
// ends at the last closing parenthesis.
func parseStat(text string) (stat, error) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("no name in parentheses in %q", text)
	}
	fields := strings.Fields(text[end+1:])
	if len(fields) <= statStart {
		return stat{}, fmt.Errorf("%d fields after the name, need %d, in %q", len(fields), statStart+1, text)
	}
	ppid, err := strconv.Atoi(fields[statPPID])
	if err != nil {
		return stat{}, fmt.Errorf("parent in %q: %w", text, err)
	}
	start, err := strconv.ParseUint(fields[statStart], 10, 64)
	if err != nil {
		return stat{}, fmt.Errorf("start time in %q: %w", text, err)
	}
	return stat{comm: text[open+1 : end], state: fields[statState][0], ppid: ppid, start: start}, nil
}

// word names the state for a person, after the table in proc_pid_stat(5).
func (s stat) word() string {
	switch s.state {
	case 'Z', 'X', 'x':
		return Exited
	case 'T', 't':
		return Stopped
	default:
		return Running
	}
}
