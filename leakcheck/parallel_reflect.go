package leakcheck

import "reflect"

// parallelOf returns a function that reports whether t has called t.Parallel,
// nil if that cannot be known. The testing package keeps it in an unexported
// field, which reflection may read. It must be called on the goroutine of the
// test, which is the one that writes the field. TestParallelOf says when a Go
// release changes it; tests are then taken to be parallel where the order of
// their beginnings and ends allows it.
func parallelOf(t TestingT) func() bool {
	v := reflect.ValueOf(t)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := v.Elem().FieldByName("isParallel")
	if !field.IsValid() || field.Kind() != reflect.Bool {
		return nil
	}
	return field.Bool
}
