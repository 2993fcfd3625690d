// Package clock tells real elapsed time, also inside a testing/synctest
// bubble, where package time starts in the year 2000 and stands still until
// every goroutine of the bubble is blocked.
package clock

import "time"

// A Clock says how much time has passed. Its zero point has no meaning.
type Clock interface {
	// Now returns nanoseconds on a monotonic scale.
	Now() int64
	// Sleep pauses the calling goroutine for about d.
	Sleep(d time.Duration)
}

var (
	startWall = time.Now()
	startNano = nanotime()
)

// Now returns nanoseconds since an arbitrary moment, from the monotonic clock
// of the operating system. It is never faked.
func Now() int64 { return nanotime() }

// Wall returns the wall clock time at which [Now] returned nano.
func Wall(nano int64) time.Time {
	return startWall.Add(time.Duration(nano - startNano))
}

// Real is the process's own clock.
var Real Clock = realClock{}

type realClock struct{}

func (realClock) Now() int64            { return nanotime() }
func (realClock) Sleep(d time.Duration) { sleep(d) }

// Faked reports whether the calling goroutine is in a synctest bubble, where
// package time starts in the year 2000.
func Faked() bool { return time.Now().Before(startWall.Add(-time.Hour)) }

// sleep pauses for about d of real time; a signal may cut it short. In a
// bubble time.Sleep would wait until every other goroutine of the bubble is
// blocked, which a leaked one may never be, so there the thread itself naps in
// the kernel.
func sleep(d time.Duration) {
	if Faked() {
		nap(d)
		return
	}
	time.Sleep(d)
}
