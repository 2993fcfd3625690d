package leakcheck

import (
	"fmt"
	"reflect"
	"unsafe"
)

// The tests of a package stand in unexported slices of testing.M, each an
// element with the test's name and its function. Nothing public leads to them,
// and package testing must not be imported here, so they are found by
// reflection and replaced, for as long as Run runs, by functions that open a
// window, call the original and judge. TestRunWrapsTheTests says when a Go
// release changes the fields; Run then falls back to one verdict at the end.

// A testList is one of those slices: its field in testing.M, and the field
// that holds the function in its elements.
type testList struct {
	field, function string
	// wrap makes the replacement for the test called name.
	wrap func(j *judge, name string, original reflect.Value, opts []Option) reflect.Value
}

var testLists = []testList{
	{"tests", "F", wrapTest},
	{"fuzzTargets", "Fn", wrapTest},
	{"benchmarks", "F", wrapBenchmark},
	{"examples", "F", wrapExample},
}

// wrapTests puts every test, fuzz target, benchmark and example of m under
// judgement. unwrap puts the originals back. With an error nothing is
// replaced.
func (j *judge) wrapTests(m TestingM, opts []Option) (unwrap func(), err error) {
	var restore []func()
	unwrap = func() {
		for _, f := range restore {
			f()
		}
	}
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return unwrap, fmt.Errorf("%T is not a *testing.M", m)
	}
	for _, list := range testLists {
		slice, err := list.find(v.Elem())
		if err != nil {
			unwrap()
			return func() {}, err
		}
		if list.field == "fuzzTargets" && flagValue("test.fuzz") != "" {
			continue // the target runs for as long as it fuzzes, in other processes
		}
		original := reflect.MakeSlice(slice.Type(), slice.Len(), slice.Len())
		reflect.Copy(original, slice)
		restore = append(restore, func() { slice.Set(original) })
		slice.Set(list.wrapped(j, original, opts))
	}
	return unwrap, nil
}

// find returns the slice in m, settable, and checks its shape.
func (l testList) find(m reflect.Value) (reflect.Value, error) {
	field := m.FieldByName(l.field)
	if !field.IsValid() || field.Kind() != reflect.Slice || field.Type().Elem().Kind() != reflect.Struct {
		return field, fmt.Errorf("this Go release keeps no list %q in testing.M", l.field)
	}
	name, ok := field.Type().Elem().FieldByName("Name")
	if !ok || name.Type.Kind() != reflect.String {
		return field, fmt.Errorf("this Go release keeps no Name in the list %q of testing.M", l.field)
	}
	f, ok := field.Type().Elem().FieldByName(l.function)
	if !ok || f.Type.Kind() != reflect.Func || f.Type.NumIn() > 1 || f.Type.NumOut() != 0 {
		return field, fmt.Errorf("this Go release keeps no function %s in the list %q of testing.M", l.function, l.field)
	}
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem(), nil
}

// wrapped returns a copy of the list with every function replaced.
func (l testList) wrapped(j *judge, original reflect.Value, opts []Option) reflect.Value {
	out := reflect.MakeSlice(original.Type(), original.Len(), original.Len())
	reflect.Copy(out, original)
	for i := range out.Len() {
		f := out.Index(i).FieldByName(l.function)
		f.Set(l.wrap(j, out.Index(i).FieldByName("Name").String(), original.Index(i).FieldByName(l.function), opts))
	}
	return out
}
