// Package backlog passes values to a function that may take its time, away from
// the goroutine that has them: that of the finalizers, which everybody needs.
package backlog

import "sync"

// Limit is how many values wait at most. Those beyond it are dropped.
const Limit = 256

// A Backlog holds the values that wait. Its zero value is empty. It has a
// goroutine only while there are any.
type Backlog[T any] struct {
	mu      sync.Mutex
	waiting []T
	running bool
}

// Add has handle called with v, after all that were added before, unless too
// many wait already. What runs a backlog is the handle of the value that found
// it empty.
func (b *Backlog[T]) Add(v T, handle func(T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == Limit {
		return
	}
	b.waiting = append(b.waiting, v)
	if !b.running {
		b.running = true
		go b.run(handle)
	}
}

// run ends when nothing waits. handle may end it before that, with
// runtime.Goexit; then another takes over.
func (b *Backlog[T]) run(handle func(T)) {
	done := false
	defer func() {
		if !done {
			go b.run(handle)
		}
	}()
	for {
		v, ok := b.next()
		if !ok {
			done = true
			return
		}
		handle(v)
	}
}

func (b *Backlog[T]) next() (v T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.running, b.waiting = false, nil
		return v, false
	}
	v, b.waiting = b.waiting[0], b.waiting[1:]
	return v, true
}
