package process

import (
	"strconv"
	"strings"
)

// maxCommand limits a described command line, in bytes.
const maxCommand = 200

// commandLine joins arguments that end in NUL bytes, as /proc/PID/cmdline
// holds them, the way a person would type them.
func commandLine(cmdline string) string {
	cmdline = strings.TrimRight(cmdline, "\x00")
	if cmdline == "" {
		return ""
	}
	args := strings.Split(cmdline, "\x00")
	for i, arg := range args {
		args[i] = quoteArg(arg)
	}
	line := strings.Join(args, " ")
	if len(line) > maxCommand {
		line = strings.ToValidUTF8(line[:maxCommand], "") + "..."
	}
	return line
}

// quoteArg quotes an argument that would not stay one word on one line.
func quoteArg(arg string) string {
	if quoted := strconv.Quote(arg); arg == "" || strings.Contains(arg, " ") || quoted != `"`+arg+`"` {
		return quoted
	}
	return arg
}
