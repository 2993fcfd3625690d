package recorder

import "sync/atomic"

// Objects is told of objects that must be closed though they are no
// descriptors: response bodies, rows, transactions.
type Objects interface {
	// Open begins the life of the object that ptr points to. The line of
	// interest is skip calls further out than the caller.
	//
	// excused, which may be nil, is asked when the object turns out to have
	// been left open: if true, it needs no closing, since what it held was
	// given back by other means. It must not keep the object alive.
	Open(ptr any, kind, name string, excused func() bool, skip int)
	// Close ends it. What is not open is ignored.
	Close(ptr any)
}

var objects atomic.Pointer[Objects]

// SetObjects sets who is told. Nobody is before.
func SetObjects(o Objects) { objects.Store(&o) }

// ObjectOpened passes its arguments on to [Objects].
func ObjectOpened(ptr any, kind, name string, excused func() bool, skip int) {
	if o := objects.Load(); o != nil {
		(*o).Open(ptr, kind, name, excused, skip+1)
	}
}

// ObjectClosed passes its argument on to [Objects].
func ObjectClosed(ptr any) {
	if o := objects.Load(); o != nil {
		(*o).Close(ptr)
	}
}
