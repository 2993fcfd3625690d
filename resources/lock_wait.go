package resources

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// parking is how a goroutine in a queue sleeps. One that waits without end
// sleeps on a mutex that is locked already: that, unlike a channel, may be
// opened from outside the testing/synctest bubble that the goroutine is in. One
// that gives up at some time needs a channel.
type parking struct {
	gate  sync.Mutex
	woken chan struct{} // nil for one who waits without end
}

func (p *parking) wake() {
	if p.woken != nil {
		p.woken <- struct{}{} // it has room for one, and awake allows no more
		return
	}
	p.gate.Unlock()
}

// acquire takes the lock and waits for it without end.
func (l *lockState) acquire(shared bool) {
	r := l.request()
	if l.try(shared, &r) {
		return
	}
	w := newLockWait(l, shared, r)
	w.endless = true
	w.gate.Lock()
	if !l.enqueue(w) {
		return
	}
	defer w.unwatch(w.watch())
	for {
		w.gate.Lock()
		if l.retry(w) {
			return
		}
	}
}

// tryAcquire takes the lock if it is free.
func (l *lockState) tryAcquire(shared bool) bool {
	r := l.request()
	return l.try(shared, &r)
}

// acquireTimeout takes the lock unless that lasts longer than d.
func (l *lockState) acquireTimeout(d time.Duration, shared bool) error {
	r := l.request()
	if l.try(shared, &r) {
		return nil
	}
	if d <= 0 {
		return l.gaveUp(shared, 0, context.DeadlineExceeded)
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return l.await(ctx, shared, r)
}

// acquireContext takes the lock unless ctx ends first.
func (l *lockState) acquireContext(ctx context.Context, shared bool) error {
	if ctx == nil {
		return fmt.Errorf("resources: %s %s: the context is nil: pass context.Background() to wait without end", locking(shared), l.label())
	}
	if err := ctx.Err(); err != nil {
		return l.gaveUp(shared, 0, err)
	}
	r := l.request()
	if l.try(shared, &r) {
		return nil
	}
	return l.await(ctx, shared, r)
}

// await queues until the lock is there or ctx ends.
func (l *lockState) await(ctx context.Context, shared bool, r request) error {
	w := newLockWait(l, shared, r)
	w.woken = make(chan struct{}, 1)
	if !l.enqueue(w) {
		return nil
	}
	start := time.Now() // of the bubble, as is the end of ctx
	for {
		select {
		case <-ctx.Done():
			if !l.abandon(w) {
				return nil
			}
			return l.gaveUp(shared, time.Since(start), ctx.Err())
		case <-w.woken:
			if l.retry(w) {
				return nil
			}
		}
	}
}

// gaveUp is the error of one who could not wait for the lock.
func (l *lockState) gaveUp(shared bool, waited time.Duration, cause error) error {
	info := l.info()
	var b strings.Builder
	fmt.Fprintf(&b, "resources: %s %s: waited %v", locking(shared), info.Name, rounded(waited))
	for i, h := range info.Holders {
		if i == holdersShown {
			fmt.Fprintf(&b, ", and by %d more", len(info.Holders)-i)
			break
		}
		b.WriteString(", held by " + h.String())
	}
	return fmt.Errorf("%s: %w", b.String(), cause)
}

func locking(shared bool) string {
	if shared {
		return "locking for reading"
	}
	return "locking"
}

// holdersShown bounds how many readers an error names.
const holdersShown = 4

func rounded(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}
