package resources_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// liveOne returns the only entry of tr, which the caller's file opened.
func liveOne(t *testing.T, tr *leakcheck.Tracker) leakcheck.Info {
	t.Helper()
	live := tr.Live()
	require.Len(t, live, 1)
	openedHere(t, live[0])
	return live[0]
}

// openedHere asserts that the first line shown of an entry's stack is in the
// file of a test.
func openedHere(t *testing.T, i leakcheck.Info) {
	t.Helper()
	first, _, _ := strings.Cut(i.Stack.String(), "\n")
	assert.Regexp(t, `/resources/[a-z_]+_test\.go:\d+$`, first)
}

// awaitLost collects garbage until tr says that something was lost.
func awaitLost(t *testing.T, tr *leakcheck.Tracker, drop func()) leakcheck.Info {
	t.Helper()
	lost := make(chan leakcheck.Info, 1)
	tr.OnLost(func(i leakcheck.Info) { lost <- i })
	defer tr.OnLost(nil)
	drop()
	deadline := time.After(20 * time.Second)
	for {
		runtime.GC()
		select {
		case i := <-lost:
			return i
		case <-deadline:
			require.FailNow(t, "nothing was lost")
		case <-time.After(time.Millisecond):
		}
	}
}

// collectUntil collects garbage until done, which what the collector notices is
// soon after.
func collectUntil(t *testing.T, done func() bool, what string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		runtime.GC()
		if done() {
			return
		}
	}
	t.Fatal("not seen after many collections: ", what)
}
