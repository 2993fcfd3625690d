package resources

import "github.com/go-leakcheck/leakcheck/leakcheck"

// A stackSwitch has a tracker record stacks only while much is open. A nil one
// does nothing.
type stackSwitch struct {
	tracker *leakcheck.Tracker
	from    int
	on      bool
}

func newStackSwitch(t *leakcheck.Tracker, from int) *stackSwitch {
	s := &stackSwitch{tracker: t, from: from}
	s.turn(t.Len() >= from)
	return s
}

// update switches stacks on from the threshold up, and off below nine tenths
// of it.
func (s *stackSwitch) update() {
	if s == nil {
		return
	}
	n := s.tracker.Len()
	switch {
	case !s.on && n >= s.from:
		s.turn(true)
	case s.on && float64(n) < overBelow*float64(s.from):
		s.turn(false)
	}
}

func (s *stackSwitch) turn(on bool) {
	s.on = on
	if on {
		s.tracker.SetStackDepth(usualDepth)
	} else {
		s.tracker.SetStackDepth(0)
	}
}

func (s *stackSwitch) restore() {
	if s != nil {
		s.turn(true)
	}
}
