//go:build !leakcheck_attached

package leakcheck

import "reflect"

// This package does not import package testing, so the functions of tests can
// be replaced and called through reflection only.

// wrapTest judges a func(*testing.T) or a func(*testing.F).
func wrapTest(j *judge, _ string, original reflect.Value, opts []Option) reflect.Value {
	return reflect.MakeFunc(original.Type(), func(args []reflect.Value) []reflect.Value {
		if t, ok := args[0].Interface().(coveredT); ok {
			j.cover(&window{name: nameOf(t), place: declaration(original), t: t, base: opts}, t)
		}
		return original.Call(args)
	})
}

// wrapBenchmark judges a func(*testing.B).
func wrapBenchmark(j *judge, _ string, original reflect.Value, opts []Option) reflect.Value {
	return reflect.MakeFunc(original.Type(), func(args []reflect.Value) []reflect.Value {
		if b, ok := args[0].Interface().(benchmark); ok {
			j.coverBenchmark(&window{name: nameOf(b), place: declaration(original), t: b, base: opts}, b)
		}
		return original.Call(args)
	})
}
