//go:build gc && amd64 && !leakcheck_noasm

package stack

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWalkAgreesWithTheRuntime fails on a Go release that lays out stacks or
// g in another way.
func TestWalkAgreesWithTheRuntime(t *testing.T) {
	deep(20, func() {
		var walked, unwound [100]uintptr
		n, m := walk(&walked[0], len(walked)), runtime.Callers(2, unwound[:])
		require.Positive(t, n)
		assert.Less(t, n, len(walked), "it ends where the goroutine began")
		// The runtime's list has more where calls were inlined, and lacks what
		// the compiler put around a go statement.
		for _, pc := range walked[:n] {
			if name := runtime.FuncForPC(pc - 1).Name(); !strings.Contains(name, ".gowrap") {
				assert.Contains(t, unwound[:m], pc, name)
			}
		}
		assert.Greater(t, n, 20)
	})
}

func TestWalkStopsAtTheLimit(t *testing.T) {
	var walked [4]uintptr
	assert.Equal(t, 3, walk(&walked[0], 3))
	assert.Zero(t, walked[3])
	assert.Equal(t, 0, walk(&walked[0], 0))
}

func TestRememberedIsWhatWasUnwound(t *testing.T) {
	var got [2][64]*Trace
	for round := range got {
		for path := range got[round] {
			got[round][path] = fork(path, 0)
		}
	}
	for path, trace := range got[0] {
		assert.True(t, trace == got[1][path], "path %d", path)
		// The frames of fork, then this test, testing.tRunner and goexit.
		assert.Len(t, trace.PCs(), 9+3)
	}
}

func TestWhichKeysAreTrusted(t *testing.T) {
	trace := Capture(0, 8)
	var buf keyBuffer
	_, key, _ := remembered(&buf, 0, 8)
	require.NotNil(t, key)
	require.Less(t, len(key)-2, keyFrames(0, 8), "the stack of a test is short")
	assert.True(t, trustworthy(key, trace))
	assert.False(t, trustworthy(key[:len(key)-1], trace), "it ends in the middle of the stack")
	assert.False(t, trustworthy([]uintptr{0, 8, 1, 2, 3}, trace), "it ends nowhere")

	long := append([]uintptr{0, 8}, make([]uintptr, keyFrames(0, 8))...)
	assert.False(t, trustworthy(long, trace), "it has nothing in common with the trace")
}
