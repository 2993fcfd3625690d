package recorder

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"
)

// on runs f on a goroutine of its own.
func on(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func asks(key any) {
	handOver := func() { HandOver(key, 0) }
	handOver()
}

func TestWorkThatIsHandedOver(t *testing.T) {
	cause := func() *Record { return newRecord(0).Cause }
	labelled := pprof.WithLabels(context.Background(), pprof.Labels("k", "v"))
	for _, ctx := range []context.Context{context.Background(), labelled} {
		pprof.SetGoroutineLabels(ctx)
		key := new(int)
		asks(key)
		assert.Nil(t, cause(), "who asks is not who works")
		on(func() {
			TakeOver(key)
			if assert.NotNil(t, cause()) {
				assert.Equal(t, "asks", innermost(cause()))
			}
			on(func() { assert.NotNil(t, cause(), "what it starts works for the same") })
			on(func() {
				TakeOver(new(int))
				assert.NotNil(t, cause(), "nobody handed that over")
			})
		})
		on(func() { assert.Nil(t, cause(), "another goroutine") })
		Forget(key)
		on(func() {
			TakeOver(key)
			assert.Nil(t, cause(), "it is over")
		})
	}
	pprof.SetGoroutineLabels(context.Background())
}

func TestLabelsStayWhereWorkIsTakenOver(t *testing.T) {
	key := new(int)
	HandOver(key, 0)
	defer Forget(key)
	on(func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("k", "v")))
		before := *(*labels)(currentLabel())
		TakeOver(key)
		assert.Equal(t, before, *(*labels)(currentLabel()))
	})
}

func TestCausesGoWithTheirGoroutines(t *testing.T) {
	count := func() (n int) {
		causes.Range(func(any, any) bool { n++; return true })
		return n
	}
	key := new(int)
	HandOver(key, 0)
	defer Forget(key)
	for range 10 {
		on(func() { TakeOver(key) })
	}
	for count() > 0 {
		runtime.GC()
	}
}
