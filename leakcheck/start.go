package leakcheck

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/clock"
)

// self judges this process.
var self = newJudge(newOperatingSystem(), clock.Real, &standard)

// A bare VerifyNone has no earlier moment to compare with than this one. A
// program that is not a test binary does not pay for it.
func init() {
	startPoller()
	if isTestBinary(os.Args) || builtByGoTest() {
		startDir, _ = os.Getwd() // "" is as good: the directory cannot be named
		self.rebase()
	}
}

// startPoller makes the runtime open the descriptors it keeps for its network
// poller, so that they are there at the baseline: see netpoll_epoll.go.
func startPoller() {
	if r, w, err := os.Pipe(); err == nil {
		_ = r.Close()
		_ = w.Close()
	}
}

// isTestBinary reports whether the program was built by go test, which names
// it so and passes it flags of package testing.
func isTestBinary(args []string) bool {
	if len(args) == 0 {
		return false
	}
	name := strings.TrimSuffix(args[0], ".exe")
	return strings.HasSuffix(name, ".test") ||
		slices.ContainsFunc(args[1:], func(a string) bool { return strings.HasPrefix(a, "-test.") })
}

// builtByGoTest reports whether the go command recorded that it built a test
// binary, which may have been renamed since, and run without flags.
func builtByGoTest() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && strings.HasSuffix(info.Path, ".test")
}
