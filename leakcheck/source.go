package leakcheck

import (
	"sync/atomic"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/label"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// An Origin says where, when and on whose behalf something was taken. To note
// one costs a fraction of a [Track]: it is for things that are taken and given
// back too often to be tracked each time. See [AddSource].
type Origin struct {
	created int64
	mark    label.Mark
	trace   *stack.Trace
}

// Here returns an origin with the present moment, the owner of the calling
// goroutine and up to calls frames of its stack, without the skip innermost
// ones; 0 keeps the caller of Here.
func Here(skip, calls int) Origin {
	return Origin{clock.Now(), label.Current(), stack.Capture(skip+1, calls)}
}

// Now returns o with the present moment in place of its own.
func (o Origin) Now() Origin {
	o.created = clock.Now()
	return o
}

// Age returns how much real time has passed since.
func (o Origin) Age() time.Duration { return time.Duration(clock.Now() - o.created) }

// Owner returns the name of the test on whose behalf it was, "" for none.
func (o Origin) Owner() string { return ownerName(ownerByMark(o.mark)) }

// Stack returns where it was.
func (o Origin) Stack() Stack { return Stack{o.trace} }

// TrackFrom is [Tracker.Track] for something that was taken at o.
func (t *Tracker) TrackFrom(o Origin, ptr any, name, kind string) error {
	_, err := t.enterFrom(ptr, name, kind, o.created, ownerByMark(o.mark), o.trace)
	return err
}

// sources are what trackers ask.
var sources atomic.Pointer[[]func(*Tracker)]

// AddSource has f called each time before a tracker is asked what is live, by
// its methods or by a verdict, with that tracker. f is to track with
// [Tracker.TrackFrom] what the tracker does not know of yet. Untrack ends it as
// always. f may be called from any goroutine and must not ask a tracker itself.
// It is kept for the life of the process.
func AddSource(f func(*Tracker)) {
	for {
		old := sources.Load()
		var all []func(*Tracker)
		if old != nil {
			all = append(all, *old...)
		}
		all = append(all, f)
		if sources.CompareAndSwap(old, &all) {
			return
		}
	}
}

// AsksSources reports whether verdicts about t ask sources. Under leakcheck test
// those about the default tracker are reached by a copy of this package that
// cannot: what belongs there must be tracked at once, with [Track].
func (t *Tracker) AsksSources() bool { return t != &standard || !judgedElsewhere() }

// gather has the sources track what they have for t. No lock is held.
func (t *Tracker) gather() {
	if all := sources.Load(); all != nil {
		for _, f := range *all {
			f(t)
		}
	}
}
