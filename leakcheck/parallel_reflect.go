package leakcheck

import (
	"reflect"
	"sync"
)

// parallelOf returns a function that reports whether t has called t.Parallel,
// nil if that cannot be known. The testing package keeps it in an unexported
// field, which reflection may read. It must be called on the goroutine of the
// test, which is the one that writes the field. TestParallelOf says when a Go
// release changes it; tests are then taken to be parallel where the order of
// their beginnings and ends allows it.
func parallelOf(t TestingT) func() bool {
	typ := reflect.TypeOf(t)
	place, ok := parallelFields.Load(typ)
	if !ok {
		place, _ = parallelFields.LoadOrStore(typ, parallelField(typ))
	}
	if index := place.([]int); index != nil {
		return reflect.ValueOf(t).Elem().FieldByIndex(index).Bool
	}
	return nil
}

// parallelFields remembers what parallelField found for a type: to look a
// field up by name takes longer than all else that a verdict reflects on.
var parallelFields sync.Map // reflect.Type to []int

// parallelField is where the field stands in what typ points to, nil if there
// is none.
func parallelField(typ reflect.Type) []int {
	if typ.Kind() != reflect.Pointer || typ.Elem().Kind() != reflect.Struct {
		return nil
	}
	field, ok := typ.Elem().FieldByName("isParallel")
	if !ok || field.Type.Kind() != reflect.Bool {
		return nil
	}
	return field.Index
}
