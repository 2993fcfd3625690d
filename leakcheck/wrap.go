//go:build leakcheck_attached

package leakcheck

import (
	"reflect"
	"testing"
)

// Here package testing is linked in anyway, and without the frames of
// reflection the stacks of the tests are about as short as they were: some
// suites print them all the time.

// wrapTest judges a test or a fuzz target.
func wrapTest(j *judge, _ string, original reflect.Value, opts []Option) reflect.Value {
	switch f := original.Interface().(type) {
	case func(*testing.T):
		return reflect.ValueOf(func(t *testing.T) {
			j.cover(&window{name: t.Name(), place: declaration(original), t: t, base: opts}, t)
			f(t)
		})
	case func(*testing.F):
		return reflect.ValueOf(func(t *testing.F) {
			j.cover(&window{name: t.Name(), place: declaration(original), t: t, base: opts}, t)
			f(t)
		})
	}
	return original
}

// wrapBenchmark judges a benchmark.
func wrapBenchmark(j *judge, _ string, original reflect.Value, opts []Option) reflect.Value {
	f, ok := original.Interface().(func(*testing.B))
	if !ok {
		return original
	}
	return reflect.ValueOf(func(b *testing.B) {
		j.coverBenchmark(&window{name: b.Name(), place: declaration(original), t: b, base: opts}, b)
		f(b)
	})
}
