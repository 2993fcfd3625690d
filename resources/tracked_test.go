package resources_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// only returns what is tracked, which is to be one thing.
func only(t *testing.T, tr *leakcheck.Tracker) leakcheck.Info {
	t.Helper()
	live := tr.Live()
	require.Len(t, live, 1)
	return live[0]
}

// openedHere asserts that the line that opened i stands in a test of this
// package.
func openedHere(t *testing.T, i leakcheck.Info) {
	t.Helper()
	assert.Regexp(t, `^github.com/go-leakcheck/leakcheck/resources_test\.`, i.Stack.String())
}

// loses runs f, which is to drop the last reference to something tracked, and
// waits for the collector to notice.
func loses(t *testing.T, tr *leakcheck.Tracker, f func()) leakcheck.Info {
	t.Helper()
	lost := make(chan leakcheck.Info, 1)
	tr.OnLost(func(i leakcheck.Info) {
		select {
		case lost <- i:
		default:
		}
	})
	defer tr.OnLost(nil)
	f()
	for deadline := time.After(10 * time.Second); ; {
		runtime.GC()
		select {
		case i := <-lost:
			assert.Zero(t, tr.Len())
			return i
		case <-deadline:
			t.Fatal("nothing was lost")
		case <-time.After(time.Millisecond):
		}
	}
}
