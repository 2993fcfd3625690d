package leakcheck

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

func TestAgeIsRealTimeInABubble(t *testing.T) {
	if !label.Supported {
		t.Skip("without the runtime's clock, which comes with its labels, time in a bubble is the bubble's")
	}
	outside := time.Now()
	synctest.Test(t, func(t *testing.T) {
		tr, x := NewTracker(), new(lease)
		require.NoError(t, tr.Track(x, "x", ""))
		info := tr.Live()[0]
		assert.WithinDuration(t, outside, info.Created, time.Minute)
		time.Sleep(time.Hour) // of the bubble
		age := info.Age()
		assert.Positive(t, age)
		assert.Less(t, age, time.Minute)
		assert.Greater(t, info.Age(), age, "it grows")

		done := make(chan struct{})
		go func() {
			defer close(done)
			tr.Untrack(x)
		}()
		<-done
		assert.Empty(t, tr.Live())
	})
}

func TestAgeNeedsOnlyCreated(t *testing.T) {
	age := Info{Created: time.Now().Add(-time.Hour).Round(0)}.Age()
	assert.InDelta(t, time.Hour, age, float64(time.Minute))
}

func TestInfoAsJSON(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	require.NoError(t, tr.Track(x, "db", "lease"))
	text, err := json.Marshal(tr.Live()[0])
	require.NoError(t, err)
	var got struct {
		Name, Kind string
		Created    time.Time
		Stack      []Frame
	}
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, "db", got.Name)
	assert.Equal(t, "lease", got.Kind)
	assert.WithinDuration(t, time.Now(), got.Created, time.Minute)
	require.NotEmpty(t, got.Stack)
	assert.Equal(t, module+"/leakcheck.TestInfoAsJSON", got.Stack[0].Function)
	assert.Positive(t, got.Stack[0].Line)
	assert.Contains(t, string(text), `"function":`)
	runtime.KeepAlive(x)
}

func TestTheZeroStack(t *testing.T) {
	var s Stack
	assert.True(t, s.IsZero())
	assert.Empty(t, s.Frames())
	assert.Empty(t, s.String())
	text, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, "[]", string(text))
	text, err = json.Marshal(Info{Name: "x"})
	require.NoError(t, err)
	assert.NotContains(t, string(text), "stack")
}

func TestStackAsText(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	require.NoError(t, tr.Track(x, "", ""))
	s := tr.Live()[0].Stack
	lines := strings.Split(s.String(), "\n")
	require.Len(t, lines, 1, "the runtime and package testing are left out")
	assert.Regexp(t, `leakcheck\.TestStackAsText \S*info_test\.go:\d+$`, lines[0])
	assert.Equal(t, s, tr.Live()[0].Stack)
	runtime.KeepAlive(x)
}

func TestOwnCode(t *testing.T) {
	for pkg, want := range map[string]bool{
		module + "/leakcheck":      true,
		module + "/resources":      true,
		module + "/internal/stack": true,
		module + "/leakcheck_test": false,
		module + "/cmd/leakcheck":  false,
		"example.com/leakcheck":    false,
	} {
		assert.Equal(t, want, unremarkable(pkg), pkg)
	}
}
