package resources

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// lockTable finds the locks that were ever taken while tracking was on. It does
// not keep them.
var lockTable struct {
	mu    sync.Mutex
	locks []weak.Pointer[lockState]
	prune int // how many there are when those that are gone are looked for
}

// minPrune is how many locks are listed before any is looked for that is gone.
const minPrune = 64

// addLockSource has trackers ask for the locks that are held.
var addLockSource = sync.OnceFunc(func() { leakcheck.AddSource(enterLocks) })

// list adds l.
func (l *lockState) list() {
	addLockSource()
	t := &lockTable
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.locks) >= max(t.prune, minPrune) {
		t.locks = slices.DeleteFunc(t.locks, func(p weak.Pointer[lockState]) bool { return p.Value() == nil })
		t.prune = 2 * len(t.locks)
	}
	t.locks = append(t.locks, weak.Make(l))
}

// listed returns the locks that are still there.
func listed() []*lockState {
	t := &lockTable
	t.mu.Lock()
	defer t.mu.Unlock()
	locks := make([]*lockState, 0, len(t.locks))
	for _, p := range t.locks {
		if l := p.Value(); l != nil {
			locks = append(locks, l)
		}
	}
	return locks
}

// enterLocks tracks the locks that are held and that t does not know of yet.
func enterLocks(t *leakcheck.Tracker) {
	standard := leakcheck.DefaultTracker()
	for _, l := range listed() {
		if l.tracker == t || l.tracker == nil && t == standard {
			l.enter(t)
		}
	}
}

func (l *lockState) enter(t *leakcheck.Tracker) {
	l.freeze()
	defer l.thaw()
	if h := l.known(); h != nil {
		l.enterHold(t, h, "lock")
	}
	for _, h := range l.held {
		l.enterHold(t, h, "rlock")
	}
}

func (l *lockState) enterHold(t *leakcheck.Tracker, h *lockHold, kind string) {
	if h.entered {
		return
	}
	h.entered = t.TrackFrom(h.origin, h, l.label(), kind) == nil
}

// trackNow tracks where nobody asks.
func (l *lockState) trackNow(h *lockHold) {
	kind := "rlock"
	if h == &l.writer {
		kind = "lock"
	}
	h.entered = leakcheck.Track(h, l.label(), kind) == nil
}

func (l *lockState) untrack(h *lockHold) {
	h.entered = false
	if l.tracker != nil {
		l.tracker.Untrack(h)
	} else {
		leakcheck.Untrack(h)
	}
}

// label is the name of l, or says where it was made or first taken.
func (l *lockState) label() string {
	if l.name != "" {
		return l.name
	}
	if l.noted.Load() {
		if at := shortLine(l.first.Stack()); at != "" {
			return l.kind() + " at " + at
		}
	}
	return l.kind()
}

func (l *lockState) kind() string {
	if l.rw {
		return "rwmutex"
	}
	return "mutex"
}

// A LockInfo describes a lock at the moment it was asked for.
type LockInfo struct {
	Name    string    `json:"name"`
	Holders []LockUse `json:"holders,omitempty"`
	Waiters []LockUse `json:"waiters,omitempty"` // in the order in which they came
}

// A LockUse is a goroutine that holds a lock or waits for it.
type LockUse struct {
	Goroutine int64           `json:"goroutine"` // its number, as stack dumps show it
	Shared    bool            `json:"shared,omitempty"`
	Age       time.Duration   `json:"age"` // for how long it has held it, or waited, in nanoseconds
	Owner     string          `json:"owner,omitempty"`
	Stack     leakcheck.Stack `json:"stack,omitzero"` // of the call to Lock or its kin
}

// String says who it is on one line: "goroutine 7 for 3s, app/store.go:12".
func (u LockUse) String() string {
	s := fmt.Sprintf("goroutine %d for %v", u.Goroutine, rounded(u.Age))
	if at := shortLine(u.Stack); at != "" {
		s += ", " + at
	}
	return s
}

// Locks returns the tracked locks that are held or waited for at the moment. Of
// what was taken while tracking was off, or was left out by sampling, nothing is
// known. Those that are in use under package sync's own names are not there.
func Locks() []LockInfo {
	var infos []LockInfo
	for _, l := range listed() {
		if info := l.info(); len(info.Holders) > 0 || len(info.Waiters) > 0 {
			infos = append(infos, info)
		}
	}
	return infos
}

func (l *lockState) info() LockInfo {
	l.freeze()
	defer l.thaw()
	info := LockInfo{Name: l.label()}
	if h := l.known(); h != nil {
		info.Holders = append(info.Holders, h.use(false))
	}
	for _, h := range l.held {
		info.Holders = append(info.Holders, h.use(true))
	}
	for _, w := range l.queue {
		if w.goroutine != 0 {
			info.Waiters = append(info.Waiters, w.use())
		}
	}
	return info
}

func (h *lockHold) use(shared bool) LockUse { return useOf(h.goroutine, shared, h.origin) }

func (w *lockWait) use() LockUse { return useOf(w.goroutine, w.shared, w.origin) }

func useOf(goroutine int64, shared bool, o leakcheck.Origin) LockUse {
	return LockUse{goroutine, shared, o.Age(), o.Owner(), o.Stack()}
}

// shortLine is the innermost line of a stack that is the user's, with the last
// directory of its file: "app/store.go:12".
func shortLine(s leakcheck.Stack) string {
	line, _, _ := strings.Cut(s.String(), "\n")
	_, at, _ := strings.Cut(line, " ")
	if i := strings.LastIndexByte(at, '/'); i >= 0 {
		i = strings.LastIndexByte(at[:i], '/')
		at = at[i+1:]
	}
	return at
}
