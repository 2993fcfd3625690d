package leakcheck

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-leakcheck/leakcheck/internal/fakes"
	"github.com/go-leakcheck/leakcheck/internal/label"
)

// sourceOf has a source give x to tr until the test ends.
func sourceOf(t *testing.T, tr *Tracker, o Origin, x *lease) {
	before := sources.Load()
	t.Cleanup(func() { sources.Store(before) })
	entered := false
	AddSource(func(asking *Tracker) {
		if asking == tr && !entered {
			entered = true
			assert.NoError(t, tr.TrackFrom(o, x, "sourced", "lease"))
		}
	})
}

func TestASourceIsAskedByWhateverLooks(t *testing.T) {
	for name, n := range map[string]func(*Tracker) int{
		"Live":   func(tr *Tracker) int { return len(tr.Live()) },
		"Len":    (*Tracker).Len,
		"Report": func(tr *Tracker) int { return tr.Report().Total },
		"seq":    func(tr *Tracker) int { return int(tr.lastSeq()) },
	} {
		t.Run(name, func(t *testing.T) {
			tr, x, o := NewTracker(), new(lease), Here(0, 4)
			sourceOf(t, tr, o, x)
			assert.Zero(t, n(NewTracker()), "another tracker has its own")
			assert.Equal(t, 1, n(tr))
			assert.Equal(t, 1, n(tr))
			info := tr.Live()[0]
			assert.Equal(t, o.Stack(), info.Stack)
			assert.LessOrEqual(t, o.Age(), info.Age())
			assert.Contains(t, o.Stack().String(), "TestASourceIsAskedByWhateverLooks")
			tr.Untrack(x)
			assert.Zero(t, tr.Len())
			runtime.KeepAlive(x)
		})
	}
}

func TestWhatASourceHasIsForgottenByClear(t *testing.T) {
	tr, x := NewTracker(), new(lease)
	sourceOf(t, tr, Here(0, 4), x)
	tr.Clear()
	assert.Zero(t, tr.Len())
	runtime.KeepAlive(x)
}

func TestTrackFromRefusesWhatTrackRefuses(t *testing.T) {
	tr := NewTracker()
	assert.Error(t, tr.TrackFrom(Here(0, 4), nil, "nothing", "lease"))
	assert.Zero(t, tr.Len())
}

func TestWhichTrackersAskSources(t *testing.T) {
	assert.True(t, NewTracker().AsksSources())
	assert.Equal(t, linkedCopy() == nil, standard.AsksSources())
}

// The owner is that of the goroutine that took it, not of the one that asks.
func TestAVerdictAsksSources(t *testing.T) {
	x := new(lease)
	taken := false
	var o Origin
	before := sources.Load()
	t.Cleanup(func() { sources.Store(before) })
	AddSource(func(tr *Tracker) {
		if tr == &standard && taken {
			taken = false
			assert.NoError(t, tr.TrackFrom(o, x, "sourced", "lease"))
		}
	})
	leaky := &fakes.T{TestName: "TestLeaky"}
	other := &fakes.T{TestName: "TestOther"}
	leaky.Run(func(ft *fakes.T) {
		Check(ft, Grace(0))
		o, taken = Here(0, 4), true
		done := make(chan struct{})
		go func() {
			defer close(done)
			other.Run(func(inner *fakes.T) { Check(inner, Grace(0)) })
		}()
		<-done
	})
	assert.Empty(t, other.Errors())
	assert.Contains(t, leaky.Errors(), "sourced")
	if label.Supported {
		assert.Equal(t, "TestLeaky", o.Owner())
	}
	Untrack(x)
}

// Nothing else makes the verdict look closer.
func TestAVerdictThatFindsNothingElseAsksSources(t *testing.T) {
	if !label.Supported {
		t.Skip("no owners in this build")
	}
	x := new(lease)
	taken := false
	var o Origin
	before := sources.Load()
	t.Cleanup(func() { sources.Store(before) })
	j, _, _ := newFakeJudge()
	AddSource(func(tr *Tracker) {
		if tr == j.tracker && taken {
			taken = false
			assert.NoError(t, tr.TrackFrom(o, x, "sourced", "lease"))
		}
	})
	ft := covered(j, func() { o, taken = Here(0, 4), true }, Grace(0))
	assert.Contains(t, ft.Errors(), "sourced")
	j.tracker.Untrack(x)
}
