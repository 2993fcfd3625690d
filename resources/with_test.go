package resources_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

var errBody, errClose = errors.New("body failed"), errors.New("close failed")

// failing is closed with an error.
type failing struct{ closed int }

func (f *failing) Close() error { f.closed++; return errClose }

func openFailing(f *failing) func() (*failing, error) {
	return func() (*failing, error) { return f, nil }
}

func devNull(tr *leakcheck.Tracker) func() (*resources.File, error) {
	return func() (*resources.File, error) { return resources.Open(os.DevNull, resources.WithTracker(tr)) }
}

func TestWithCloses(t *testing.T) {
	tr := leakcheck.NewTracker()
	err := resources.With(devNull(tr), func(f *resources.File) error {
		return resources.With(devNull(tr), func(g *resources.File) error {
			assert.Equal(t, 2, tr.Len(), "it nests")
			return nil
		})
	})
	assert.NoError(t, err)
	assert.Zero(t, tr.Len())
}

func TestWithReturnsBothErrors(t *testing.T) {
	f := new(failing)
	err := resources.With(openFailing(f), func(*failing) error { return errBody })
	assert.ErrorIs(t, err, errBody)
	assert.ErrorIs(t, err, errClose)
	assert.ErrorIs(t, resources.With(openFailing(f), func(*failing) error { return nil }), errClose)
	tr := leakcheck.NewTracker()
	assert.Equal(t, errBody, resources.With(devNull(tr), func(*resources.File) error { return errBody }), "and nothing else where there is nothing else")
	assert.Equal(t, 2, f.closed)
	assert.Zero(t, tr.Len())
}

func TestWithDoesNotCallTheBodyOfWhatIsNotOpen(t *testing.T) {
	err := resources.With(func() (*resources.File, error) { return resources.Open("/missing/f") },
		func(*resources.File) error { t.Error("called"); return nil })
	assert.ErrorIs(t, err, os.ErrNotExist)
	err = resources.With(func() (io.Closer, error) { return nil, nil }, func(io.Closer) error { t.Error("called"); return nil })
	assert.ErrorContains(t, err, "neither")
}

func TestWithABodyThatCloses(t *testing.T) {
	tr := leakcheck.NewTracker()
	assert.NoError(t, resources.With(devNull(tr), func(f *resources.File) error { return f.Close() }))
}

func TestWithPassesAPanicOn(t *testing.T) {
	tr := leakcheck.NewTracker()
	f := new(failing)
	assert.PanicsWithValue(t, "body", func() {
		_ = resources.With(devNull(tr), func(*resources.File) error {
			return resources.With(openFailing(f), func(*failing) error { panic("body") })
		})
	})
	assert.Zero(t, tr.Len())
	assert.Equal(t, 1, f.closed)
}

func TestWithClosesAtGoexit(t *testing.T) {
	tr := leakcheck.NewTracker()
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = resources.With(devNull(tr), func(*resources.File) error { runtime.Goexit(); return nil })
		t.Error("it came back")
	})
	wg.Wait()
	assert.Zero(t, tr.Len())
}

func TestWithResult(t *testing.T) {
	tr := leakcheck.NewTracker()
	n, err := resources.WithResult(devNull(tr), func(f *resources.File) (int, error) { return 7, errBody })
	assert.Equal(t, 7, n)
	assert.Equal(t, errBody, err)
	assert.Zero(t, tr.Len())
}

func TestWithLock(t *testing.T) {
	var mu sync.Mutex
	assert.Equal(t, errBody, resources.WithLock(&mu, func() error {
		assert.False(t, mu.TryLock())
		return errBody
	}))
	assert.Panics(t, func() { _ = resources.WithLock(&mu, func() error { panic("body") }) })
	require.True(t, mu.TryLock())
	mu.Unlock()
}
