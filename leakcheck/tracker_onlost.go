package leakcheck

import (
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/internal/backlog"
)

// A lostHook calls a function for lost entries, away from the goroutine that
// notices them.
type lostHook struct {
	f       atomic.Pointer[func(Info)]
	waiting backlog.Backlog[*entry]
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
	if h.f.Load() != nil {
		h.waiting.Add(e, h.call)
	}
}

func (h *lostHook) call(e *entry) {
	if f := h.f.Load(); f != nil {
		(*f)(e.info())
	}
}
