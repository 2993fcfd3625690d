package resources

import (
	"sync"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// callbackPatience is how long a callback may take before that is logged.
const callbackPatience = 5 * time.Second

// overBelow is the part of a limit below which passing it is over.
const overBelow = 0.9

// usualDepth is how many calls a tracker records unless told otherwise.
const usualDepth = 32

// A watcher is one call of [Watch]. Its fields are those of the goroutine that
// runs it.
type watcher struct {
	tracker  *leakcheck.Tracker
	every    time.Duration
	alarms   []*alarm
	stacks   *stackSwitch // nil leaves them
	callback callback
	stopped  chan struct{}
}

// An alarm is what is known of one threshold.
type alarm struct {
	gauge
	told  bool      // that the limit was passed, and not yet that it is over
	since time.Time // zero while the limit is not passed
	lame  bool      // said that it cannot be measured
}

// watch starts a watcher.
func watch(l Thresholds, gauges []gauge, f func(Alert)) (stop func()) {
	w := &watcher{tracker: l.Tracker, every: l.Every, callback: callback{f: f}, stopped: make(chan struct{})}
	w.callback.stopped = w.stopped
	for _, g := range gauges {
		w.alarms = append(w.alarms, &alarm{gauge: g})
	}
	if l.Stacks > 0 {
		w.stacks = newStackSwitch(l.Tracker, l.Stacks)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.run()
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(w.stopped) })
		<-ended
	}
}

func (w *watcher) run() {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.look()
		case <-w.stopped:
			w.stacks.restore()
			return
		}
	}
}

// look measures everything once.
func (w *watcher) look() {
	w.stacks.update()
	free := w.callback.free()
	var alerts []Alert
	for _, s := range w.alarms {
		alert, changed := s.update()
		if changed && free {
			s.tell(alert.Over)
			alerts = append(alerts, alert)
		}
	}
	if len(alerts) == 0 {
		return
	}
	report := w.tracker.Report()
	for i := range alerts {
		alerts[i].Report = report
	}
	w.callback.call(alerts)
}

// update measures, and reports whether there is something to tell, as long as
// tell was not called for it.
func (s *alarm) update() (a Alert, changed bool) {
	value, err := s.measure()
	if err != nil {
		if !s.lame {
			s.lame = true
			go warn("a threshold cannot be measured", "threshold", string(s.kind), "error", err.Error())
		}
		return Alert{}, false
	}
	s.lame = false
	over := value > s.limit || s.told && value >= overBelow*s.limit
	switch {
	case over && s.since.IsZero():
		s.since = time.Now()
	case !over && !s.told:
		s.since = time.Time{}
	}
	a = Alert{Kind: s.kind, Value: value, Limit: s.limit, Over: over, Since: s.since}
	return a, over != s.told
}

// tell notes that the callback is told whether the limit is passed.
func (s *alarm) tell(over bool) {
	s.told = over
	if !over {
		s.since = time.Time{}
	}
}
