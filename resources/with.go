package resources

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"runtime"
	"sync"
)

// With opens something, passes it to body and closes it again, whatever
// happens: also if body panics, and the panic goes on, or ends its goroutine
// with [runtime.Goexit]. Calls nest freely.
//
//	err := resources.With(
//		func() (*resources.File, error) { return resources.Create("report.csv") },
//		func(f *resources.File) error { return export(f) },
//	)
//
// The error is that of open, with body not called; or that of body, that of
// Close, or both, as [errors.Join] has them. That body has closed it already is
// no error. An error of Close that comes with a panic is logged: see
// [SetLogger].
func With[R io.Closer](open func() (R, error), body func(R) error) error {
	_, err := WithResult(open, func(r R) (struct{}, error) { return struct{}{}, body(r) })
	return err
}

// WithResult is [With] for a body that returns something.
func WithResult[R io.Closer, T any](open func() (R, error), body func(R) (T, error)) (result T, err error) {
	r, err := open()
	if err != nil {
		return result, err
	}
	if any(r) == nil {
		return result, errors.New("resources: opening returned neither something to close nor an error")
	}
	returned := false
	defer func() {
		closing := r.Close()
		if errors.Is(closing, fs.ErrClosed) || errors.Is(closing, net.ErrClosed) {
			closing = nil // by body
		}
		switch {
		case !returned:
			if panicking() {
				logPanic(r, closing)
			}
		case closing != nil:
			err = errors.Join(err, closing)
		}
	}()
	result, err = body(r)
	returned = true
	return result, err
}

// WithLock holds l while body runs, also if that panics.
func WithLock(l sync.Locker, body func() error) error {
	l.Lock()
	defer l.Unlock()
	return body()
}

// panicking reports whether the deferred function that calls it runs because of
// a panic, not of runtime.Goexit, without recovering from it.
func panicking() bool {
	pcs := make([]uintptr, 8)
	calls := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := calls.Next()
		switch {
		case f.Function == "runtime.gopanic":
			return true
		case f.Function == "runtime.Goexit" || !more:
			return false
		}
	}
}
