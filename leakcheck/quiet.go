package leakcheck

import (
	"runtime"
	"runtime/metrics"
)

// goroutinesCreated returns how many goroutines the process has ever started.
// ok is false where the Go release does not count them.
func goroutinesCreated() (n uint64, ok bool) {
	s := [1]metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s[:])
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0, false
	}
	return s[0].Value.Uint64(), true
}

// startedNone reports whether no goroutine was started since w began: then it
// cannot have left one. That is most tests, and certain.
func (w *window) startedNone() bool {
	n, ok := goroutinesCreated()
	return ok && n == w.created
}

// crowd is how many tests must be under way before the number of goroutines is
// trusted: with fewer it costs little to look at each goroutine.
const crowd = 64

// A quietCount tells from the number of goroutines alone that no test of a
// package under Main can have left one, so that the clean path need not look
// at each of them: with a thousand tests waiting in t.Parallel that takes
// milliseconds.
//
// Its baseline must never be too high, or a goroutine on its way out would
// make room for one that stays. (Too low only costs time.) So it is the lowest
// count ever seen at the beginning or end of a test, without the goroutines of
// the tests themselves, and beyond that only what tests that are over left
// behind and were judged for.
type quietCount struct {
	floor  int
	behind int
	known  bool
}

// note records the present count. What was left behind may have ended since.
func (q *quietCount) note(open windows) {
	n := runtime.NumGoroutine() - open.goroutines()
	if !q.known {
		q.floor, q.known = n, true
	}
	q.floor = min(q.floor, n)
	q.behind = min(q.behind, n-q.floor)
}

// yields is how often quiet lets others run before it believes the count: the
// goroutine of the test before is often still on its way out.
const yields = 3

// quiet reports whether there is no goroutine that a test under way could have
// left.
func (q *quietCount) quiet(open windows) bool {
	for range yields {
		if runtime.NumGoroutine()-open.goroutines() <= q.floor+q.behind {
			return true
		}
		runtime.Gosched()
	}
	return false
}

// goroutines counts the tests under way that run on a goroutine of their own.
func (ws windows) goroutines() int {
	n := 0
	for _, w := range ws {
		if !w.onMain {
			n++
		}
	}
	return n
}
