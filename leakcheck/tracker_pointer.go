package leakcheck

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// pointee returns the address of the object that ptr points to, or why it
// cannot be tracked.
func pointee(ptr any) (unsafe.Pointer, error) {
	typ := reflect.TypeOf(ptr)
	if typ == nil || typ.Kind() != reflect.Pointer {
		return nil, notPointer(typ)
	}
	obj := reflect.ValueOf(ptr).UnsafePointer()
	if obj == nil {
		return nil, fmt.Errorf("leakcheck: cannot track a nil %v: track it after the error check", typ)
	}
	if typ.Elem().Size() == 0 {
		return nil, fmt.Errorf("leakcheck: cannot track a %v: values of size zero share one address; track the object that owns it, or give the type a field", typ)
	}
	return obj, nil
}

// notPointer says what to pass instead of a value of type typ.
func notPointer(typ reflect.Type) error {
	if typ == nil {
		return errors.New("leakcheck: cannot track nil: pass a pointer to the object, after the error check")
	}
	switch typ.Kind() {
	case reflect.UnsafePointer:
		return errors.New("leakcheck: cannot track an unsafe.Pointer, whose size is unknown: pass a typed pointer")
	case reflect.Func, reflect.Map, reflect.Chan, reflect.Slice:
		return fmt.Errorf("leakcheck: cannot track a %v (%v): pass a pointer to the object that owns it", typ, typ.Kind())
	default:
		return fmt.Errorf("leakcheck: cannot track a %v, which is a copy: pass a pointer to the object", typ)
	}
}

// watch arranges that gone(e) runs once obj is collected. For memory that
// never is, it does nothing: the runtime takes package-level variables in
// silence, and panics, before it changes anything, for memory of others.
func watch(obj unsafe.Pointer, gone func(*entry), e *entry) (cleanup runtime.Cleanup) {
	defer func() { _ = recover() }()
	return runtime.AddCleanup((*byte)(obj), gone, e)
}
