package leakcheck

import "runtime"

// A quietCount tells from the number of goroutines alone that no test can have
// left one, so that the clean path need not look at each of them: with a
// thousand tests waiting in t.Parallel that takes milliseconds.
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

// note records the present count.
func (q *quietCount) note(open windows) {
	if n := runtime.NumGoroutine() - open.goroutines(); !q.known || n < q.floor {
		q.floor, q.known = n, true
	}
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
