package resources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/puddle/v2"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A PoolConfig says what a Pool holds.
type PoolConfig[T any] struct {
	// Name is what errors and listings call the pool, "" for the line that
	// made it.
	Name string
	// Max is how many values there are at most, 1 or more.
	Max int
	// New makes a value. Its context ends with the pool, not with that of the
	// call that needs the value.
	New func(context.Context) (T, error)
	// Destroy, which may be nil, is called with each value that is given up.
	Destroy func(T)
	// WaitWarning is how long an Acquire waits before OnWait is told, once; 0
	// is never.
	WaitWarning time.Duration
	// OnWait is called on a goroutine of its own. If it is nil the logger of
	// [SetLogger] is told, or without one standard error. Nothing is told of a
	// wait while tracking is off, or that sampling left out.
	OnWait func(PoolWait)
}

// check returns what is wrong with c.
func (c PoolConfig[T]) check() error {
	switch {
	case c.New == nil:
		return errors.New("the New function is nil: pass one that makes a value")
	case c.Max < 1 || int64(c.Max) > 1<<31-1:
		return fmt.Errorf("a Max of %d: pass how many values there may be, 1 or more", c.Max)
	case c.WaitWarning < 0:
		return fmt.Errorf("a WaitWarning of %v: pass 0 for no warning", c.WaitWarning)
	}
	return nil
}

// CloseWait is how long [Pool.Close] waits for leases.
const CloseWait = 5 * time.Second

// A Pool lends values that are dear to make, as a [puddle.Pool] does, and knows
// who has them. A tracker lists each [Lease], as kind "lease" with the pool's
// name and the line that took it, until it is given back. The pool itself is not
// listed.
type Pool[T any] struct {
	name   string
	max    int
	config PoolConfig[T]
	opts   []Option
	pool   *puddle.Pool[T]
	uses   poolUses
	closed func() <-chan struct{}
}

// NewPool returns an empty pool. The error says what is wrong with config. It
// must be closed.
func NewPool[T any](config PoolConfig[T], opts ...Option) (*Pool[T], error) {
	name := cmp.Or(optionsOf(opts).name, config.Name)
	if name == "" {
		name = shortLine(leakcheck.Here(0, lockCalls).Stack())
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("resources: making pool %s: %w", name, err)
	}
	destroy := config.Destroy
	if destroy == nil {
		destroy = func(T) {}
	}
	plain, err := puddle.NewPool(&puddle.Config[T]{Constructor: config.New, Destructor: destroy, MaxSize: int32(config.Max)})
	if err != nil {
		return nil, fmt.Errorf("resources: making pool %s: %w", name, err)
	}
	p := &Pool[T]{name: name, max: config.Max, config: config, opts: opts, pool: plain}
	p.closed = sync.OnceValue(p.startClosing)
	return p, nil
}

// Acquire lends a value, an idle one or a new one, and waits for one to be given
// back where there are Max. An error of New comes back as it is. If ctx ends
// first the error says who has the values, where and for how long, and wraps
// that of ctx; if the pool is closed it wraps [puddle.ErrClosedPool].
func (p *Pool[T]) Acquire(ctx context.Context) (*Lease[T], error) {
	if ctx == nil {
		return nil, fmt.Errorf("resources: acquiring from pool %s: the context is nil: pass context.Background() to wait without end", p.name)
	}
	if err := ctx.Err(); err != nil {
		return nil, p.acquireFailed(ctx, err, 0)
	}
	use := newPoolUse()
	start := time.Now()
	if p.config.WaitWarning > 0 && use != nil {
		waiter := *use // the use goes on as that of the lease
		defer time.AfterFunc(p.config.WaitWarning, func() { p.warn(waiter.info()) }).Stop()
	}
	res, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, p.acquireFailed(ctx, err, time.Since(start))
	}
	return p.lease(res, use), nil
}

// TryAcquire lends a value that is idle. If there is none the error wraps
// [puddle.ErrNotAvailable], and if there are less than Max one more is made,
// with ctx, for the next to come.
func (p *Pool[T]) TryAcquire(ctx context.Context) (*Lease[T], error) {
	if ctx == nil {
		return nil, fmt.Errorf("resources: acquiring from pool %s: the context is nil: pass context.Background()", p.name)
	}
	res, err := p.pool.TryAcquire(ctx)
	if err != nil {
		return nil, p.acquireFailed(ctx, err, 0)
	}
	return p.lease(res, newPoolUse()), nil
}

func (p *Pool[T]) acquireFailed(ctx context.Context, err error, waited time.Duration) error {
	switch {
	case err == ctx.Err():
		return fmt.Errorf("resources: acquiring from pool %s: waited %v, %s: %w", p.name, rounded(waited), p.out(), err)
	case err == puddle.ErrClosedPool, err == puddle.ErrNotAvailable:
		return fmt.Errorf("resources: acquiring from pool %s: %w", p.name, err)
	}
	return err // of New
}

// With calls f with a value and gives it back. The error is that of
// [Pool.Acquire] or of f. If f panics the value is destroyed, since nobody knows
// what state it is in.
func (p *Pool[T]) With(ctx context.Context, f func(T) error) error {
	if f == nil {
		return fmt.Errorf("resources: using pool %s: the function is nil: pass what is to be done with a value", p.name)
	}
	lease, err := p.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lease.Destroy() // unless it was given back
	err = f(lease.Value())
	lease.Release()
	return err
}

// Leases returns who has values of the pool at the moment, in the order in which
// they took them.
func (p *Pool[T]) Leases() []PoolUse { return p.uses.list() }

// Stat returns the counters of the pool.
func (p *Pool[T]) Stat() *puddle.Stat { return p.pool.Stat() }

// Reset destroys the idle values at once and the others when they are given
// back.
func (p *Pool[T]) Reset() { p.pool.Reset() }

// Close is [Pool.CloseContext] that waits for [CloseWait].
func (p *Pool[T]) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), CloseWait)
	defer cancel()
	return p.CloseContext(ctx)
}

// CloseContext destroys the idle values and waits until the others are given
// back and destroyed too. If ctx ends first the error says who has them, and
// wraps that of ctx; the pool is closed all the same, and to call it again waits
// again. A pool that is closed lends nothing.
func (p *Pool[T]) CloseContext(ctx context.Context) error {
	if ctx == nil {
		return fmt.Errorf("resources: closing pool %s: the context is nil: pass context.Background() to wait without end", p.name)
	}
	start := time.Now()
	done := p.closed()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-done:
		return nil
	default:
		return fmt.Errorf("resources: closing pool %s: waited %v, %s: give back what was acquired: %w", p.name, rounded(time.Since(start)), p.out(), ctx.Err())
	}
}

// startClosing closes the plain pool, which waits for all values. The goroutine
// ends with the last of them.
func (p *Pool[T]) startClosing() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.pool.Close()
	}()
	return done
}

// out says how many leases are out and who has them.
func (p *Pool[T]) out() string {
	return fmt.Sprintf("%d of %d are out", p.pool.Stat().AcquiredResources(), p.max) + heldBy(p.Leases())
}
