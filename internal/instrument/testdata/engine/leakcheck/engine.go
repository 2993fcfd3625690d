//go:build leakcheck_attached

// Package leakcheck stands in for the leak checker: it prints what the standard
// library recorded.
package leakcheck

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-leakcheck/leakcheck/internal/recorder"
	"golang.org/x/sys/unix"
)

func init() {
	recorder.SetTests(hooks{})
	lost := func(_ int, r *recorder.Record) { say("lost", r) }
	recorder.OnLost.Store(&lost)
}

type hooks struct{}

func (hooks) Begin(any) func(int) int {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("leakcheck-test", "mark")))
	fmt.Println("recorded: run")
	return func(code int) int { return code }
}

func (hooks) Subtest(name string) { fmt.Println("recorded: subtest", name) }

func (hooks) Exit(code int) int {
	var st unix.Stat_t
	for fd := 3; fd < 256; fd++ {
		if r := recorder.Lookup(fd); r != nil && unix.Fstat(fd, &st) == nil {
			say("open", r)
		}
	}
	for _, m := range recorder.Mappings() {
		say("mapped", m.Opened)
	}
	for _, pid := range strings.Fields(os.Getenv("PIDS")) {
		n, _ := strconv.Atoi(pid)
		if r := recorder.Process(n); r != nil {
			say("started", r)
			syscall.Kill(n, syscall.SIGKILL)
		}
	}
	for _, m := range recorder.TakeMisuses(func(recorder.Misuse) bool { return true }) {
		say("misused", m.Opened)
		say("closed", m.Closed)
		say("reopened", m.Reopened)
	}
	fmt.Println("recorded: exit", code)
	if wanted, err := strconv.Atoi(os.Getenv("EXIT")); err == nil {
		return wanted
	}
	return code
}

// say prints the innermost function of the tested package.
func say(what string, r *recorder.Record) {
	mark := ""
	if r.Label != nil {
		mark = " marked"
	}
	frames := runtime.CallersFrames(r.Callers())
	for {
		f, more := frames.Next()
		if name, ok := strings.CutPrefix(f.Function, "example.com/recorded."); ok {
			fmt.Printf("recorded: %s %s%s\n", what, name, mark)
			return
		}
		if !more {
			fmt.Printf("recorded: %s elsewhere%s\n", what, mark)
			return
		}
	}
}
