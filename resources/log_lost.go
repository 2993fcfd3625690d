package resources

import (
	"log/slog"
	"sync"
)

// lostQueue bounds the losses that wait for the logger.
const lostQueue = 256

// losses waits for the logger.
var losses lossLog

// A lossLog logs what was lost away from the goroutine that notices it, which
// runs the cleanups of the whole program.
type lossLog struct {
	mu      sync.Mutex
	waiting []facts
	running bool
}

// add queues a loss, unless too many wait already.
func (l *lossLog) add(f facts) {
	if sink.Load() == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == lostQueue {
		return
	}
	l.waiting = append(l.waiting, f)
	if !l.running {
		l.running = true
		go l.run()
	}
}

// run ends when nothing waits, so that no goroutine stays. A handler may end it
// before that, with runtime.Goexit; then another takes over.
func (l *lossLog) run() {
	done := false
	defer func() {
		if !done {
			go l.run()
		}
	}()
	for {
		f, ok := l.next()
		if !ok {
			done = true
			return
		}
		if s := sink.Load(); s != nil {
			s.log(slog.LevelWarn, "lost", f.attrs, slog.Duration("age", f.age()))
		}
	}
}

func (l *lossLog) next() (facts, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.running = false
		return facts{}, false
	}
	f := l.waiting[0]
	l.waiting = l.waiting[1:]
	return f, true
}
