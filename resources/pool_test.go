package resources_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/puddle/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// pooled is a value of a pool.
type pooled struct{ n int }

// poolOf returns a pool called db, and where the values go that it destroys.
func poolOf(t *testing.T, tr *leakcheck.Tracker, change func(*resources.PoolConfig[*pooled])) (*resources.Pool[*pooled], <-chan *pooled) {
	t.Helper()
	destroyed := make(chan *pooled, 100)
	n := 0
	c := resources.PoolConfig[*pooled]{
		Name: "db",
		Max:  2,
		New: func(context.Context) (*pooled, error) {
			n++
			return &pooled{n}, nil
		},
		Destroy: func(p *pooled) { destroyed <- p },
	}
	if change != nil {
		change(&c)
	}
	p, err := resources.NewPool(c, resources.WithTracker(tr))
	require.NoError(t, err)
	return p, destroyed
}

func one(c *resources.PoolConfig[*pooled]) { c.Max = 1 }

func acquire(t *testing.T, p *resources.Pool[*pooled]) *resources.Lease[*pooled] {
	t.Helper()
	l, err := p.Acquire(t.Context())
	require.NoError(t, err)
	return l
}

func TestALeaseIsTrackedUntilItIsGivenBack(t *testing.T) {
	for name, c := range map[string]struct {
		end       func(*resources.Lease[*pooled])
		destroyed bool
	}{
		"Release": {(*resources.Lease[*pooled]).Release, false},
		"Close":   {func(l *resources.Lease[*pooled]) { assert.NoError(t, l.Close()) }, false},
		"Destroy": {(*resources.Lease[*pooled]).Destroy, true},
		"Hijack":  {func(l *resources.Lease[*pooled]) { l.Hijack() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			p, _ := poolOf(t, tr, one)
			l, err := p.Acquire(t.Context())
			require.NoError(t, err)
			requireLockEntry(t, tr, "lease", "db", "pool_test.go")
			require.Len(t, p.Leases(), 1)
			assert.Contains(t, p.Leases()[0].Stack.String(), "TestALeaseIsTrackedUntilItIsGivenBack")
			assert.Equal(t, 1, l.Value().n)

			c.end(l)
			assert.Zero(t, tr.Len())
			assert.Empty(t, p.Leases())
			assert.Panics(t, func() { l.Value() })
			c.end(l)
			l.Release()
			l.Destroy()
			_, ok := l.Hijack()
			assert.False(t, ok)

			again := acquire(t, p)
			assert.Equal(t, c.destroyed, again.Value().n == 2)
			l.Release() // of the lease that is over, not of the new one
			assert.Equal(t, 1, tr.Len())
			again.Release()
			assert.Zero(t, tr.Len())
			require.NoError(t, p.Close())
			runtime.KeepAlive(l)
		})
	}
}

func TestTryAcquire(t *testing.T) {
	tr := leakcheck.NewTracker()
	p, _ := poolOf(t, tr, one)
	l := acquire(t, p)
	_, err := p.TryAcquire(t.Context())
	require.ErrorIs(t, err, puddle.ErrNotAvailable)
	assert.ErrorContains(t, err, "resources: acquiring from pool db: ")
	assert.Equal(t, 1, tr.Len())
	l.Release()
	l, err = p.TryAcquire(t.Context())
	require.NoError(t, err)
	requireLockEntry(t, tr, "lease", "db", "pool_test.go")
	l.Release()
	assert.Zero(t, tr.Len())
	assert.EqualValues(t, 1, p.Stat().IdleResources())
	require.NoError(t, p.Close())
}

func TestAnErrorOfNewComesBackAsItIs(t *testing.T) {
	tr := leakcheck.NewTracker()
	want := errors.New("no route to the database")
	p, _ := poolOf(t, tr, func(c *resources.PoolConfig[*pooled]) {
		c.New = func(context.Context) (*pooled, error) { return nil, want }
	})
	_, err := p.Acquire(t.Context())
	assert.Equal(t, want, err)
	assert.Zero(t, tr.Len())
	assert.Empty(t, p.Leases())
	require.NoError(t, p.Close())
}

func TestAnAcquireThatGivesUpNamesWhoHasTheValues(t *testing.T) {
	tr := leakcheck.NewTracker()
	p, _ := poolOf(t, tr, one)
	l := acquire(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := p.Acquire(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Regexp(t, `^resources: acquiring from pool db: waited .*, 1 of 1 are out, held by goroutine \d+ for .*, resources/pool_test.go:\d+: context deadline exceeded$`, err.Error())
	assert.Equal(t, 1, tr.Len(), "only the first lease")
	l.Release()
	_, err = p.Acquire(ctx)
	assert.ErrorContains(t, err, "0 of 1 are out: context deadline exceeded")
	assert.Zero(t, tr.Len())
	require.NoError(t, p.Close())
}

func TestALongWaitIsToldOnce(t *testing.T) {
	tr := leakcheck.NewTracker()
	waits := make(chan resources.PoolWait, 10)
	p, _ := poolOf(t, tr, func(c *resources.PoolConfig[*pooled]) {
		c.Max, c.WaitWarning = 1, time.Millisecond
		c.OnWait = func(w resources.PoolWait) {
			waits <- w
			panic("callback")
		}
	})
	l := acquire(t, p)
	for len(waits) > 0 {
		<-waits // New may have been slow
	}
	got := make(chan *resources.Lease[*pooled])
	go func() {
		l, _ := p.Acquire(context.Background())
		got <- l
	}()
	w := <-waits
	assert.Equal(t, "db", w.Pool)
	assert.GreaterOrEqual(t, w.Waiter.Age, time.Millisecond)
	assert.Contains(t, w.Waiter.Stack.String(), "TestALongWaitIsToldOnce.func")
	require.Len(t, w.Holders, 1)
	assert.Contains(t, w.Holders[0].Stack.String(), "pool_test.go")
	assert.Regexp(t, `^pool db: goroutine \d+ for .* waits, 1 of 1 are out, held by goroutine \d+ for `, w.String())
	l.Release()
	second := <-got
	second.Release()
	assert.Empty(t, waits)
	require.NoError(t, p.Close())
}

func TestCloseSaysWhoHasLeases(t *testing.T) {
	tr := leakcheck.NewTracker()
	p, destroyed := poolOf(t, tr, nil)
	l, idle := acquire(t, p), acquire(t, p)
	idle.Release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := p.CloseContext(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Regexp(t, `^resources: closing pool db: waited .*, 1 of 2 are out, held by goroutine \d+ for .*: give back what was acquired: context canceled$`, err.Error())
	<-destroyed // the idle one

	_, err = p.Acquire(t.Context())
	require.ErrorIs(t, err, puddle.ErrClosedPool)
	assert.ErrorContains(t, err, "resources: acquiring from pool db: ")
	assert.Equal(t, 1, tr.Len())
	l.Release()
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	<-destroyed
	assert.Zero(t, tr.Len())
}

func TestADroppedLeaseIsLost(t *testing.T) {
	tr := leakcheck.NewTracker()
	lost := make(chan leakcheck.Info, 1)
	tr.OnLost(func(i leakcheck.Info) { lost <- i })
	p, _ := poolOf(t, tr, one)
	func() { acquire(t, p) }()
	deadline := time.After(lockPatience)
	for {
		runtime.GC()
		select {
		case i := <-lost:
			assert.Equal(t, "lease", i.Kind)
			assert.Equal(t, "db", i.Name)
			assert.Zero(t, tr.Len())
			require.Len(t, p.Leases(), 1)
			assert.True(t, p.Leases()[0].Lost)
			assert.Contains(t, p.Leases()[0].String(), ", which lost it")
			return
		case <-deadline:
			t.Fatal("the lease was not lost")
		default:
			runtime.Gosched()
		}
	}
}

func TestWith(t *testing.T) {
	tr := leakcheck.NewTracker()
	p, destroyed := poolOf(t, tr, one)
	want := errors.New("of the function")
	err := p.With(t.Context(), func(v *pooled) error {
		assert.Equal(t, 1, v.n)
		assert.Equal(t, 1, tr.Len())
		return want
	})
	assert.Equal(t, want, err)
	assert.Zero(t, tr.Len())
	assert.Empty(t, destroyed)

	assert.PanicsWithValue(t, "body", func() {
		_ = p.With(t.Context(), func(*pooled) error { panic("body") })
	})
	assert.Zero(t, tr.Len())
	assert.Equal(t, 1, (<-destroyed).n)
	require.NoError(t, p.Close())
	assert.ErrorIs(t, p.With(t.Context(), func(*pooled) error { return nil }), puddle.ErrClosedPool)
}

func TestResetDestroysWhatIsIdle(t *testing.T) {
	p, destroyed := poolOf(t, leakcheck.NewTracker(), nil)
	acquire(t, p).Release()
	p.Reset()
	assert.Equal(t, 1, (<-destroyed).n)
	require.NoError(t, p.Close())
}

func TestPoolOffTracksNothing(t *testing.T) {
	resources.SetTracking(false)
	defer resources.SetTracking(true)
	tr := leakcheck.NewTracker()
	p, _ := poolOf(t, tr, one)
	l := acquire(t, p)
	assert.Zero(t, tr.Len())
	assert.Equal(t, 1, l.Value().n)
	l.Release()
	require.NoError(t, p.Close())
}

func TestBadPoolArguments(t *testing.T) {
	make1 := func(context.Context) (int, error) { return 1, nil }
	for want, c := range map[string]resources.PoolConfig[int]{
		"resources: making pool db: the New function is nil: pass one that makes a value":              {Name: "db", Max: 1},
		"resources: making pool db: a Max of 0: pass how many values there may be, 1 or more":          {Name: "db", New: make1},
		"resources: making pool db: a WaitWarning of -1ns: pass 0 for no warning":                      {Name: "db", New: make1, Max: 1, WaitWarning: -1},
		"resources: making pool db: a Max of 2147483648: pass how many values there may be, 1 or more": {Name: "db", New: make1, Max: 1 << 31},
	} {
		_, err := resources.NewPool(c)
		assert.EqualError(t, err, want)
	}
	_, err := resources.NewPool(resources.PoolConfig[int]{})
	assert.ErrorContains(t, err, "resources: making pool resources/pool_test.go:")

	tr := leakcheck.NewTracker()
	p, _ := poolOf(t, tr, nil)
	var none context.Context
	_, err = p.Acquire(none)
	assert.ErrorContains(t, err, "resources: acquiring from pool db: the context is nil")
	_, err = p.TryAcquire(none)
	assert.ErrorContains(t, err, "resources: acquiring from pool db: the context is nil")
	assert.ErrorContains(t, p.CloseContext(none), "resources: closing pool db: the context is nil")
	assert.ErrorContains(t, p.With(t.Context(), nil), "resources: using pool db: the function is nil")
	assert.Zero(t, tr.Len())
	require.NoError(t, p.Close())
}
