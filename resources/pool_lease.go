package resources

import (
	"sync/atomic"
	"weak"

	"github.com/jackc/puddle/v2"
)

// A Lease is a value of a [Pool] until it is given back. Its methods may be
// called from any goroutine. One that is collected without having been given
// back counts as lost, and the pool has a value less.
type Lease[T any] struct {
	handle
	pool *Pool[T]
	res  *puddle.Resource[T]
	use  *poolUse
	over atomic.Bool
}

// lease makes a lease of a value that was taken.
func (p *Pool[T]) lease(res *puddle.Resource[T], use *poolUse) *Lease[T] {
	l := &Lease[T]{pool: p, res: res, use: use}
	if use == nil {
		return l
	}
	use.origin = use.origin.Now()
	here := weak.Make(l)
	use.lost = func() bool { return here.Value() == nil }
	p.uses.add(use)
	l.enter(l, nil, p.name, "lease", p.opts)
	return l
}

// Value returns the value. It panics if the lease is over, as puddle does: the
// value may be another's by now.
func (l *Lease[T]) Value() T {
	if l.over.Load() {
		panic("resources: the value of a lease of pool " + l.pool.name + " was asked for after it was given back")
	}
	return l.res.Value()
}

// Release gives the value back. If the lease is over it does nothing.
func (l *Lease[T]) Release() { l.end((*puddle.Resource[T]).Release) }

// Close is Release, for a deferred call. The error is nil.
func (l *Lease[T]) Close() error {
	l.Release()
	return nil
}

// Destroy has the value destroyed in place of giving it back, on a goroutine of
// its own. If the lease is over it does nothing.
func (l *Lease[T]) Destroy() { l.end((*puddle.Resource[T]).Destroy) }

// Hijack takes the value out of the pool, which makes another in its place. The
// caller is to destroy it. If the lease is over it does nothing, and ok is
// false.
func (l *Lease[T]) Hijack() (value T, ok bool) {
	ok = l.end(func(res *puddle.Resource[T]) {
		value = res.Value()
		res.Hijack()
	})
	return value, ok
}

// end gives the value up by f. It reports false if that was done before.
func (l *Lease[T]) end(f func(*puddle.Resource[T])) bool {
	if !l.over.CompareAndSwap(false, true) {
		return false
	}
	// First off the list, then to the next one.
	if l.use != nil {
		l.pool.uses.remove(l.use)
	}
	l.close(l, nil)
	f(l.res)
	return true
}
