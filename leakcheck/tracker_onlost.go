package leakcheck

import (
	"sync"
	"sync/atomic"
)

// lostQueue bounds the lost entries that wait for a hook.
const lostQueue = 256

// A lostHook calls a function for lost entries, away from the goroutine that
// notices them, which runs all cleanups of the program.
type lostHook struct {
	f       atomic.Pointer[func(Info)]
	mu      sync.Mutex
	waiting []*entry
	running bool
}

func (h *lostHook) set(f func(Info)) {
	if f == nil {
		h.f.Store(nil)
		return
	}
	h.f.Store(&f)
}

// tell queues e for the function, if there is one.
func (h *lostHook) tell(e *entry) {
	if h.f.Load() == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == lostQueue {
		return
	}
	h.waiting = append(h.waiting, e)
	if !h.running {
		h.running = true
		go h.run()
	}
}

// run ends when the queue is empty, so that no goroutine stays. The function may
// end it before that, with runtime.Goexit; then another takes over.
func (h *lostHook) run() {
	done := false
	defer func() {
		if !done {
			go h.run()
		}
	}()
	for {
		e := h.next()
		if e == nil {
			done = true
			return
		}
		if f := h.f.Load(); f != nil {
			(*f)(e.info())
		}
	}
}

func (h *lostHook) next() *entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		h.running = false
		return nil
	}
	e := h.waiting[0]
	h.waiting = h.waiting[1:]
	return e
}
