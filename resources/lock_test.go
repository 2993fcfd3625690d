package resources_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/fakes"
	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// lockPatience is how long a test waits for what should happen at once.
const lockPatience = 10 * time.Second

// lockInfo returns what Locks says of the lock called name.
func lockInfo(name string) resources.LockInfo {
	for _, l := range resources.Locks() {
		if l.Name == name {
			return l
		}
	}
	return resources.LockInfo{}
}

// awaitLockWaiters returns once n goroutines wait for the lock called name.
func awaitLockWaiters(t *testing.T, name string, n int) resources.LockInfo {
	t.Helper()
	for end := time.Now().Add(lockPatience); ; runtime.Gosched() {
		info := lockInfo(name)
		if len(info.Waiters) == n {
			return info
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines wait for %s, not %d", len(info.Waiters), name, n)
		}
	}
}

func requireLockEntry(t *testing.T, tr *leakcheck.Tracker, kind, name, file string) {
	t.Helper()
	live := tr.Live()
	require.Len(t, live, 1)
	assert.Equal(t, kind, live[0].Kind)
	assert.Equal(t, name, live[0].Name)
	first, _, _ := strings.Cut(live[0].Stack.String(), "\n")
	assert.Contains(t, first, "/resources/"+file+":")
	assert.Equal(t, 1, tr.Len())
	assert.Contains(t, tr.Report().String(), name)
}

func TestAHeldLockIsTracked(t *testing.T) {
	take := func(err error) { require.NoError(t, err) }
	for _, c := range []struct {
		name, kind   string
		lock, unlock func(*resources.RWMutex)
	}{
		{"Lock", "lock", (*resources.RWMutex).Lock, (*resources.RWMutex).Unlock},
		{"TryLock", "lock", func(m *resources.RWMutex) { require.True(t, m.TryLock()) }, (*resources.RWMutex).Unlock},
		{"LockTimeout", "lock", func(m *resources.RWMutex) { take(m.LockTimeout(time.Minute)) }, (*resources.RWMutex).Unlock},
		{"LockContext", "lock", func(m *resources.RWMutex) { take(m.LockContext(t.Context())) }, (*resources.RWMutex).Unlock},
		{"RLock", "rlock", (*resources.RWMutex).RLock, (*resources.RWMutex).RUnlock},
		{"TryRLock", "rlock", func(m *resources.RWMutex) { require.True(t, m.TryRLock()) }, (*resources.RWMutex).RUnlock},
		{"RLockTimeout", "rlock", func(m *resources.RWMutex) { take(m.RLockTimeout(time.Minute)) }, (*resources.RWMutex).RUnlock},
		{"RLockContext", "rlock", func(m *resources.RWMutex) { take(m.RLockContext(t.Context())) }, (*resources.RWMutex).RUnlock},
		{"RLocker", "rlock", func(m *resources.RWMutex) { m.RLocker().Lock() }, func(m *resources.RWMutex) { m.RLocker().Unlock() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			m := resources.NewRWMutex("cache", resources.WithTracker(tr))
			assert.Zero(t, tr.Len())
			for range 3 {
				c.lock(m)
				requireLockEntry(t, tr, c.kind, "cache", "lock_test.go")
				c.unlock(m)
				assert.Zero(t, tr.Len())
				assert.Empty(t, tr.Live())
			}
		})
	}
}

func TestAHeldMutexIsTracked(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewMutex("", resources.WithTracker(tr), resources.WithName("orders"))
	for name, lock := range map[string]func(){
		"Lock":        m.Lock,
		"TryLock":     func() { require.True(t, m.TryLock()) },
		"LockTimeout": func() { require.NoError(t, m.LockTimeout(0)) },
		"LockContext": func() { require.NoError(t, m.LockContext(t.Context())) },
	} {
		lock()
		assert.Len(t, tr.Live(), 1, name)
		assert.False(t, m.TryLock())
		m.Unlock()
		assert.Zero(t, tr.Len(), name)
	}
	m.Lock()
	requireLockEntry(t, tr, "lock", "orders", "lock_test.go")
	m.Unlock()
}

func TestEachReaderIsAnEntry(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewRWMutex("cache", resources.WithTracker(tr))
	m.RLock()
	m.RLock()
	assert.Equal(t, 2, tr.Len())
	assert.False(t, m.TryLock())
	m.RUnlock()
	assert.Equal(t, 1, tr.Len())
	m.RUnlock()
	assert.Zero(t, tr.Len())
	require.True(t, m.TryLock())
	assert.False(t, m.TryRLock())
	m.Unlock()
}

func TestAMutexWithoutANameIsNamedAfterALine(t *testing.T) {
	var m resources.Mutex
	m.Lock()
	defer m.Unlock()
	var names []string
	for _, i := range leakcheck.DefaultTracker().Live() {
		names = append(names, i.Name)
	}
	assert.Contains(t, strings.Join(names, "\n"), "mutex at resources/lock_test.go:")
}

// A verdict asks for the locks that are held, and knows whose they are.
func TestAVerdictNamesWhoHoldsALock(t *testing.T) {
	m := resources.NewMutex("ledger")
	other := resources.NewMutex("of nobody")
	other.Lock()
	defer other.Unlock()
	leaky := &fakes.T{TestName: "TestLeaky"}
	leaky.Run(func(ft *fakes.T) {
		leakcheck.Check(ft, leakcheck.Grace(0))
		m.Lock()
	})
	assert.Contains(t, leaky.Errors(), "1 lock")
	assert.Contains(t, leaky.Errors(), "ledger")
	assert.Contains(t, leaky.Errors(), "lock_test.go")
	assert.NotContains(t, leaky.Errors(), "of nobody")
	m.Unlock()

	clean := &fakes.T{TestName: "TestClean"}
	clean.Run(func(ft *fakes.T) {
		leakcheck.Check(ft, leakcheck.Grace(0))
		m.Lock()
		defer m.Unlock()
	})
	assert.Empty(t, clean.Errors())
}

func TestALockThatIsGivenUpNamesWhoHoldsIt(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewRWMutex("stock", resources.WithTracker(tr))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		wait func() error
		is   error
		text string
	}{
		"LockTimeout":       {func() error { return m.LockTimeout(time.Millisecond) }, context.DeadlineExceeded, "resources: locking stock: waited "},
		"LockTimeout now":   {func() error { return m.LockTimeout(0) }, context.DeadlineExceeded, "resources: locking stock: waited "},
		"RLockTimeout":      {func() error { return m.RLockTimeout(time.Millisecond) }, context.DeadlineExceeded, "resources: locking for reading stock: waited "},
		"LockContext":       {func() error { return m.LockContext(cancelled) }, context.Canceled, "resources: locking stock: waited 0s"},
		"RLockContext":      {func() error { return m.RLockContext(cancelled) }, context.Canceled, "resources: locking for reading stock: waited 0s"},
		"LockContext later": {func() error { return m.LockContext(cancelWhenWaiting(t, "stock")) }, context.Canceled, "resources: locking stock: waited "},
	} {
		t.Run(name, func(t *testing.T) {
			m.Lock()
			err := c.wait()
			require.ErrorIs(t, err, c.is)
			assert.ErrorContains(t, err, c.text)
			assert.Regexp(t, `held by goroutine \d+ for .*, resources/lock_test.go:\d+`, err.Error())
			assert.Equal(t, 1, tr.Len(), "the waiter is no entry")
			m.Unlock()
			assert.Zero(t, tr.Len())
			require.True(t, m.TryLock(), "nobody is left in the queue")
			m.Unlock()
		})
	}
}

// cancelWhenWaiting returns a context that is cancelled once somebody waits for
// the lock called name.
func cancelWhenWaiting(t *testing.T, name string) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for len(lockInfo(name).Waiters) == 0 && t.Context().Err() == nil {
			runtime.Gosched()
		}
	}()
	return ctx
}

func TestANilContextIsAnError(t *testing.T) {
	m := resources.NewMutex("stock", resources.WithTracker(leakcheck.NewTracker()))
	var none context.Context
	assert.EqualError(t, m.LockContext(none), "resources: locking stock: the context is nil: pass context.Background() to wait without end")
	assert.True(t, m.TryLock())
	m.Unlock()
}

func TestAWriterThatGivesUpLetsTheReadersIn(t *testing.T) {
	m := resources.NewRWMutex("give-up", resources.WithTracker(leakcheck.NewTracker()))
	m.RLock()
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { gaveUp <- m.LockContext(ctx) }()
	awaitLockWaiters(t, "give-up", 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		m.RLock()
		defer m.RUnlock()
	}()
	awaitLockWaiters(t, "give-up", 2)
	cancel()
	require.ErrorIs(t, <-gaveUp, context.Canceled)
	<-read
	m.RUnlock()
}

func TestLocksListsWhoHoldsAndWhoWaits(t *testing.T) {
	m := resources.NewMutex("listed", resources.WithTracker(leakcheck.NewTracker()))
	assert.Empty(t, lockInfo("listed").Name, "it is not in use")
	m.Lock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Lock()
		defer m.Unlock()
	}()
	info := awaitLockWaiters(t, "listed", 1)
	require.Len(t, info.Holders, 1)
	holder, waiter := info.Holders[0], info.Waiters[0]
	assert.NotEqual(t, holder.Goroutine, waiter.Goroutine)
	assert.GreaterOrEqual(t, holder.Age, waiter.Age)
	assert.Positive(t, waiter.Age)
	assert.Contains(t, holder.Stack.String(), "TestLocksListsWhoHoldsAndWhoWaits")
	assert.Contains(t, waiter.Stack.String(), "TestLocksListsWhoHoldsAndWhoWaits.func1")
	m.Unlock()
	<-done
	assert.Empty(t, lockInfo("listed").Name)
}

func TestAPanicUnderALockThatIsDeferred(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewMutex("panics", resources.WithTracker(tr))
	assert.PanicsWithValue(t, "body", func() {
		m.Lock()
		defer m.Unlock()
		panic("body")
	})
	assert.Zero(t, tr.Len())
}

func TestALockMayBeUnlockedByAnother(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewRWMutex("handed over", resources.WithTracker(tr))
	m.Lock()
	var wg sync.WaitGroup
	wg.Go(m.Unlock)
	wg.Wait()
	assert.Zero(t, tr.Len())
	m.RLock()
	m.RLock()
	wg.Go(m.RUnlock)
	wg.Wait()
	assert.Equal(t, 1, tr.Len())
	m.RUnlock()
	assert.Zero(t, tr.Len())
}

func TestADroppedMutexIsGone(t *testing.T) {
	tr := leakcheck.NewTracker()
	func() {
		m := resources.NewMutex("dropped", resources.WithTracker(tr))
		m.Lock()
		assert.Equal(t, 1, tr.Len())
	}()
	for end := time.Now().Add(lockPatience); tr.Len() > 0; runtime.GC() {
		require.True(t, time.Now().Before(end), "it is still there")
	}
	assert.Empty(t, lockInfo("dropped").Name)
}

func TestExclusionAndMemoryOrder(t *testing.T) {
	const goroutines, rounds = 8, 2000
	tr := leakcheck.NewTracker()
	m := resources.NewRWMutex("counter", resources.WithTracker(tr))
	n, readers := 0, atomic.Int64{}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				switch {
				case g%2 == 0:
					m.RLock()
					readers.Add(1)
					_ = n
					readers.Add(-1)
					m.RUnlock()
				case i%3 == 0:
					if m.LockTimeout(time.Microsecond) != nil {
						m.Lock()
					}
					fallthrough
				default:
					if i%3 != 0 {
						m.Lock()
					}
					assert.Zero(t, readers.Load())
					n++
					m.Unlock()
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, goroutines/2*rounds, n)
	assert.Zero(t, tr.Len())
	assert.Empty(t, lockInfo("counter").Name)
}

func TestOffLocksButTracksNothing(t *testing.T) {
	resources.SetTracking(false)
	defer resources.SetTracking(true)
	tr := leakcheck.NewTracker()
	m := resources.NewRWMutex("off", resources.WithTracker(tr))
	m.Lock()
	assert.Zero(t, tr.Len())
	err := m.LockTimeout(0)
	assert.EqualError(t, err, "resources: locking off: waited 0s: context deadline exceeded")
	m.Unlock()

	m.RLock()
	resources.SetTracking(true)
	m.RLock()
	assert.Equal(t, 1, tr.Len(), "only what was locked meanwhile")
	m.RUnlock()
	m.RUnlock()
	assert.Zero(t, tr.Len())
}

func TestLocksInABubble(t *testing.T) {
	tr := leakcheck.NewTracker()
	m := resources.NewMutex("bubble", resources.WithTracker(tr))
	synctest.Test(t, func(t *testing.T) {
		m.Lock()
		start := time.Now()
		err := m.LockTimeout(time.Hour)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Hour, time.Since(start))
		assert.ErrorContains(t, err, "waited 1h0m0s")
	})
	// One outside may unlock what one inside waits for.
	go func() {
		for len(lockInfo("bubble").Waiters) == 0 {
			runtime.Gosched()
		}
		m.Unlock()
	}()
	synctest.Test(t, func(t *testing.T) {
		m.Lock()
		defer m.Unlock()
	})
	assert.Zero(t, tr.Len())
}

// unlockVariable tells the process that a test starts what to unlock.
const unlockVariable = "RESOURCES_TEST_UNLOCK"

func TestUnlockOfAnUnlockedLockIsFatal(t *testing.T) {
	unlock := map[string]func(){
		"zero mutex":   func() { new(resources.Mutex).Unlock() },
		"mutex":        func() { resources.NewMutex("m").Unlock() },
		"zero rwmutex": func() { new(resources.RWMutex).Unlock() },
		"rwmutex":      func() { resources.NewRWMutex("m").Unlock() },
		"read":         func() { resources.NewRWMutex("m").RUnlock() },
	}
	if f := unlock[os.Getenv(unlockVariable)]; f != nil {
		f()
		return
	}
	for name, want := range map[string]string{
		"zero mutex":   "fatal error: sync: unlock of unlocked mutex",
		"mutex":        "fatal error: sync: unlock of unlocked mutex",
		"zero rwmutex": "fatal error: sync: Unlock of unlocked RWMutex",
		"rwmutex":      "fatal error: sync: Unlock of unlocked RWMutex",
		"read":         "fatal error: sync: RUnlock of unlocked RWMutex",
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestUnlockOfAnUnlockedLockIsFatal$")
		cmd.Env = append(os.Environ(), unlockVariable+"="+name)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, name)
		assert.Contains(t, string(out), want, name)
	}
}

// Who lists locks gets in the way of those who take them without a queue.
func TestLocksAreListedWhileTheyAreTaken(t *testing.T) {
	const goroutines, rounds = 4, 5000
	tr := leakcheck.NewTracker()
	m := resources.NewMutex("busy", resources.WithTracker(tr))
	defer resources.SetTracking(true)
	over := make(chan struct{})
	var listing, wg sync.WaitGroup
	listing.Go(func() {
		for on := false; ; on = !on {
			select {
			case <-over:
				return
			default:
				assert.LessOrEqual(t, tr.Len(), 1)
				assert.LessOrEqual(t, len(lockInfo("busy").Holders), 1)
				resources.SetTracking(on)
			}
		}
	})
	n := 0
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				switch {
				case g == 0 && i%2 == 0:
					for !m.TryLock() {
						runtime.Gosched()
					}
				case g == 1 && i%2 == 0:
					if m.LockTimeout(time.Microsecond) != nil {
						continue
					}
				default:
					m.Lock()
				}
				n++
				m.Unlock()
			}
		})
	}
	wg.Wait()
	close(over)
	listing.Wait()
	assert.GreaterOrEqual(t, n, (goroutines-1)*rounds)
	assert.Zero(t, tr.Len())
	assert.Empty(t, lockInfo("busy").Name)
	require.True(t, m.TryLock())
	m.Unlock()
}
