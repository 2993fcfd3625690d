package resources_test

import (
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A turnedGauge is a gauge that a test turns.
type turnedGauge struct {
	value atomic.Int64
	fails atomic.Bool
}

func (d *turnedGauge) read() (float64, error) {
	if d.fails.Load() {
		return 0, errors.New("no gauge")
	}
	return float64(d.value.Load()), nil
}

// watchTick lets one look at the gauges pass.
func watchTick() {
	time.Sleep(time.Second) // of the bubble
	synctest.Wait()
}

func watchDial(f func(resources.Alert), limit float64, dials ...*turnedGauge) (stop func()) {
	var gauges []resources.FakeGauge
	for _, d := range dials {
		gauges = append(gauges, resources.FakeGauge{Value: d.read, Limit: limit})
	}
	l := resources.Thresholds{Every: time.Second, Tracker: leakcheck.NewTracker()}
	return resources.WatchFake(l, f, gauges...)
}

func TestWatchTellsTheBeginningAndTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []resources.Alert
		d := new(turnedGauge)
		stop := watchDial(func(a resources.Alert) { got = append(got, a) }, 100, d)
		defer stop()

		d.value.Store(100)
		watchTick()
		assert.Empty(t, got, "as much as the limit is not more")

		began := time.Now().Add(time.Second)
		for _, v := range []int64{101, 150, 95, 101, 90} {
			d.value.Store(v)
			watchTick()
			require.Len(t, got, 1, "at %d", v)
		}
		assert.Equal(t, resources.Alert{Kind: resources.OpenAlert, Value: 101, Limit: 100, Over: true, Since: began, Report: got[0].Report}, got[0])

		d.value.Store(89)
		watchTick()
		watchTick()
		require.Len(t, got, 2, "over below nine tenths")
		assert.Equal(t, resources.Alert{Kind: resources.OpenAlert, Value: 89, Limit: 100, Over: false, Since: began, Report: got[1].Report}, got[1])

		d.value.Store(200)
		watchTick()
		require.Len(t, got, 3, "and it can begin again")
		assert.Greater(t, got[2].Since, began)
	})
}

func TestWatchSurvivesAPanic(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	synctest.Test(t, func(t *testing.T) {
		d := new(turnedGauge)
		calls := 0
		stop := watchDial(func(resources.Alert) { calls++; panic("bad callback") }, 10, d)
		defer stop()
		d.value.Store(11)
		watchTick()
		d.value.Store(0)
		watchTick()
		assert.Equal(t, 2, calls, "it is called again")
	})
	got := r.about(nameless)
	require.Equal(t, []string{"a callback of Watch panicked", "a callback of Watch panicked"}, logMessages(got))
	assert.Equal(t, "bad callback", got[0].attrs["panic"].String())
	assert.Contains(t, got[0].attrs["stack"].String(), "TestWatchSurvivesAPanic")
}

// nameless is how a record without a name is found.
var nameless = slog.Value{}.String()

func TestWatchSaysAPanicOnStandardError(t *testing.T) {
	said := stderrOf(t, func() {
		synctest.Test(t, func(t *testing.T) {
			d := new(turnedGauge)
			stop := watchDial(func(resources.Alert) { panic("bad callback") }, 10, d)
			defer stop()
			d.value.Store(11)
			watchTick()
		})
	})
	assert.Contains(t, said, "resources: a callback of Watch panicked, panic: bad callback, stack: ")
}

func TestWatchWithACallbackThatBlocks(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	synctest.Test(t, func(t *testing.T) {
		a, b := new(turnedGauge), new(turnedGauge)
		hold := make(chan struct{})
		var got []resources.Alert
		stop := watchDial(func(al resources.Alert) {
			got = append(got, al)
			if len(got) == 1 {
				<-hold
			}
		}, 10, a, b)
		a.value.Store(11)
		watchTick()
		require.Len(t, got, 1)
		b.value.Store(12)
		for range 3 {
			watchTick()
		}
		assert.Empty(t, r.about(nameless), "not yet")
		for range 10 {
			watchTick()
		}
		said := r.about(nameless)
		require.Equal(t, []string{"a callback of Watch blocks; there are no further alerts until it returns"}, logMessages(said))
		b.value.Store(0)
		watchTick()
		a.value.Store(0)
		close(hold)
		watchTick()
		require.Len(t, got, 2, "what came and went meanwhile is dropped; what holds is told")
		assert.False(t, got[1].Over)
		assert.False(t, got[1].Since.IsZero())
		stop()
	})
}

func TestWatchStopDoesNotWaitForTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(turnedGauge)
		hold := make(chan struct{})
		calls := 0
		stop := watchDial(func(resources.Alert) { calls++; <-hold }, 10, d, d)
		d.value.Store(11)
		watchTick()
		stop()
		stop()
		close(hold)
		synctest.Wait()
		assert.Equal(t, 1, calls, "what waited for its turn is not told any more")
	})
}

func TestWatchStopFromTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(turnedGauge)
		var stop func()
		calls := 0
		stop = watchDial(func(resources.Alert) { calls++; stop() }, 10, d)
		d.value.Store(11)
		watchTick()
		d.value.Store(0)
		watchTick()
		assert.Equal(t, 1, calls)
	})
}

func TestWatchSaysOnceWhatCannotBeMeasured(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	synctest.Test(t, func(t *testing.T) {
		d := new(turnedGauge)
		calls := 0
		stop := watchDial(func(resources.Alert) { calls++ }, 10, d)
		defer stop()
		d.fails.Store(true)
		watchTick()
		watchTick()
		got := r.about(nameless)
		require.Equal(t, []string{"a threshold cannot be measured"}, logMessages(got))
		assert.Equal(t, "no gauge", got[0].attrs["error"].String())
		d.fails.Store(false)
		d.value.Store(11)
		watchTick()
		assert.Equal(t, 1, calls, "it goes on")
	})
}

func TestWatchRefuses(t *testing.T) {
	f := func(resources.Alert) {}
	for want, l := range map[string]resources.Thresholds{
		"threshold Open is -1":                  {Open: -1},
		"threshold Age is -1s":                  {Age: -time.Second},
		"threshold Descriptors is -1":           {Descriptors: -1},
		"threshold Descriptors is 100.5":        {Descriptors: 100.5},
		"threshold Descriptors is NaN":          {Descriptors: math.NaN()},
		"threshold Stacks is -1":                {Stacks: -1, Open: 1},
		"interval Every is -1s":                 {Every: -time.Second, Open: 1},
		"no threshold is set; set Open, Age, D": {Every: time.Second},
	} {
		stop, err := resources.Watch(l, f)
		assert.ErrorContains(t, err, "resources: watching thresholds: "+want)
		assert.Nil(t, stop)
	}
	_, err := resources.Watch(resources.Thresholds{Open: 1}, nil)
	assert.ErrorContains(t, err, "the function to call is nil")
}

// watchReal watches a tracker that often, and returns what comes.
func watchReal(t *testing.T, l resources.Thresholds) <-chan resources.Alert {
	t.Helper()
	l.Every = time.Millisecond
	alerts := make(chan resources.Alert, 10)
	stop, err := resources.Watch(l, func(a resources.Alert) { alerts <- a })
	require.NoError(t, err)
	t.Cleanup(stop)
	return alerts
}

func nextAlert(t *testing.T, alerts <-chan resources.Alert) resources.Alert {
	t.Helper()
	select {
	case a := <-alerts:
		return a
	case <-time.After(20 * time.Second):
		t.Fatal("no alert")
		return resources.Alert{}
	}
}

func TestWatchOpen(t *testing.T) {
	tr, in := ownTracker()
	alerts := watchReal(t, resources.Thresholds{Open: 1, Tracker: tr})
	first := resources.OpenStandin("first", in)
	second := resources.OpenStandin("second", in)
	a := nextAlert(t, alerts)
	assert.Equal(t, resources.OpenAlert, a.Kind)
	assert.True(t, a.Over)
	assert.Equal(t, 2.0, a.Value)
	require.Len(t, a.Report.Leaks, 2)
	names := []string{a.Report.Leaks[0].Name, a.Report.Leaks[1].Name}
	assert.ElementsMatch(t, []string{"first", "second"}, names)
	assert.Contains(t, a.String(), "leakcheck: 2 resources are open, more than 1 (since ")
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	a = nextAlert(t, alerts)
	assert.False(t, a.Over)
	assert.Contains(t, a.String(), "resources are open, no longer more than 1 (since ")
}

func TestWatchAge(t *testing.T) {
	tr, in := ownTracker()
	alerts := watchReal(t, resources.Thresholds{Age: 20 * time.Millisecond, Tracker: tr})
	s := resources.OpenStandin("old", in)
	a := nextAlert(t, alerts)
	assert.Equal(t, resources.AgeAlert, a.Kind)
	assert.True(t, a.Over)
	assert.Greater(t, a.Value, 0.02)
	assert.Contains(t, a.String(), "old, more than 20ms (since ")
	require.NoError(t, s.Close())
	a = nextAlert(t, alerts)
	assert.False(t, a.Over)
	assert.Zero(t, a.Value)
}

func TestWatchDescriptors(t *testing.T) {
	if _, err := leakcheck.OpenDescriptors(); err != nil {
		_, err := resources.Watch(resources.Thresholds{Descriptors: 50}, func(resources.Alert) {})
		assert.ErrorContains(t, err, "not supported")
		return
	}
	alerts := watchReal(t, resources.Thresholds{Descriptors: 1e-6})
	a := nextAlert(t, alerts)
	assert.Equal(t, resources.DescriptorsAlert, a.Kind)
	assert.Positive(t, a.Value)
	assert.Less(t, a.Value, 100.0)
	assert.Contains(t, a.String(), "% of the descriptor limit is used, more than 1e-06 %")
}

func TestWatchStacks(t *testing.T) {
	tr, in := ownTracker()
	synctest.Test(t, func(t *testing.T) {
		stop, err := resources.Watch(resources.Thresholds{Stacks: 2, Tracker: tr}, func(resources.Alert) {})
		require.NoError(t, err)
		recorded := func() bool {
			s := resources.OpenStandin("probe", in)
			defer s.Close()
			live := tr.Live()
			return !live[len(live)-1].Stack.IsZero()
		}
		assert.False(t, recorded(), "off at once")
		a, b := resources.OpenStandin("a", in), resources.OpenStandin("b", in)
		watchTick()
		assert.True(t, recorded(), "from the threshold up")
		require.NoError(t, a.Close())
		watchTick()
		assert.False(t, recorded(), "and not below it")
		require.NoError(t, b.Close())
		stop()
		assert.True(t, recorded(), "as at first")
	})
}

func TestOldestIsLookedForOnlyWhenItCanMatter(t *testing.T) {
	tr, in := ownTracker()
	looks := 0
	measure := resources.NewOldestGauge(tr, func() { looks++ }, resources.Thresholds{Age: time.Hour})
	s := resources.OpenStandin("young", in)
	defer s.Close()
	for range 10 {
		v, err := measure()
		require.NoError(t, err)
		assert.Less(t, v, time.Hour.Seconds())
	}
	assert.Equal(t, 1, looks)
}

func TestWatchLeavesNoGoroutine(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	tr, in := ownTracker()
	alerts := make(chan resources.Alert, 10)
	stop, err := resources.Watch(resources.Thresholds{Open: 1, Every: time.Millisecond, Tracker: tr}, func(a resources.Alert) { alerts <- a })
	require.NoError(t, err)
	a, b := resources.OpenStandin("a", in), resources.OpenStandin("b", in)
	nextAlert(t, alerts)
	stop()
	goleak.VerifyNone(t, ignore)
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
}
