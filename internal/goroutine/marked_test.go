//go:build gc && !leakcheck_nolinkname

package goroutine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

func TestMarkedAgreesWithByLabel(t *testing.T) {
	const value = "marked-agrees"
	stop, ready := make(chan struct{}), make(chan label.Mark)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ready <- label.Set(value)
		<-stop
	}()
	mark := <-ready
	defer func() { close(stop); <-done }()

	var group Group
	for group.Count == 0 || group.Frames[len(group.Frames)-1].Line == 0 {
		groups, err := ByLabel()
		require.NoError(t, err)
		for _, g := range groups {
			if g.Label == value {
				group = g
			}
		}
	}
	all, ok := AllMarked()
	require.True(t, ok, "this Go release gives no access to the runtime's goroutine records")
	var found []Marked
	for _, m := range all {
		if m.Mark == mark {
			found = append(found, m)
		}
	}
	require.Len(t, found, 1)
	fs := found[0].Frames()
	require.NotEmpty(t, fs)
	assert.Equal(t, group.Frames[len(group.Frames)-1].Function, fs[len(fs)-1].Function)
	assert.False(t, found[0].TestRunner())
}

func BenchmarkAllMarked(b *testing.B) {
	stop := make(chan struct{})
	defer close(stop)
	for range 1000 {
		go func() { <-stop }()
	}
	for b.Loop() {
		AllMarked()
	}
}
