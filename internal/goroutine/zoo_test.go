package goroutine

import (
	"maps"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// A species is a goroutine blocked in one particular way until release.
type species struct {
	state   string
	block   func()
	release func()
}

// zoo returns one of each. The functions have names of their own, so that a
// goroutine is recognised by its stack.
func zoo(t *testing.T) map[string]species {
	gate := func(block func(<-chan struct{})) species {
		c := make(chan struct{})
		return species{"chan receive", func() { block(c) }, func() { close(c) }}
	}
	var mu sync.Mutex
	mu.Lock()
	var wg sync.WaitGroup
	wg.Add(1)
	polled := newPipe(t)
	pick := make(chan struct{})
	animals := map[string]species{
		"plain":     gate(plain),
		"generic":   gate(generic[map[string]int]),
		"method":    gate(new(keeper[int]).hold),
		"inlined":   gate(inlinedOuter),
		"reflected": gate(reflected),
		"deep":      gate(func(c <-chan struct{}) { deep(110, c) }),
		"deeper":    gate(func(c <-chan struct{}) { deep(150, c) }),
		"locked":    gate(locked),
		"panicking": gate(panicking),
		"nilfunc":   gate(nilFunc),
		"deferred":  gate(deferred),
		"mutex":     {"sync.Mutex.Lock", func() { lockMutex(&mu) }, mu.Unlock},
		"group":     {"sync.WaitGroup.Wait", func() { waitGroup(&wg) }, wg.Done},
		"select":    {"select", func() { selecting(pick) }, func() { close(pick) }},
		"polled":    {"IO wait", func() { readFile(polled.r) }, polled.close},
	}
	addSyscall(t, animals)
	return animals
}

type pipe struct{ r, w *os.File }

func newPipe(t *testing.T) pipe {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	return pipe{r, w}
}

func (p pipe) close() { _ = p.w.Close() }

func plain(c <-chan struct{}) { <-c }

func generic[T any](c <-chan struct{}) {
	var zero T
	<-c
	runtime.KeepAlive(zero)
}

type keeper[T any] struct{ _ T }

//go:noinline
func (k *keeper[T]) hold(c <-chan struct{}) {
	<-c
	runtime.KeepAlive(k)
}

func inlinedOuter(c <-chan struct{}) {
	inlinedInner(c)
}

func inlinedInner(c <-chan struct{}) { <-c }

func reflected(c <-chan struct{}) {
	reflect.ValueOf(plain).Call([]reflect.Value{reflect.ValueOf(c)})
}

//go:noinline
func deep(n int, c <-chan struct{}) {
	if n > 1 {
		deep(n-1, c)
		return
	}
	<-c
}

func locked(c <-chan struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	<-c
}

func panicking(c <-chan struct{}) {
	defer func() { _ = recover() }()
	defer func() { <-c }()
	panic("goroutine 1 [running]:")
}

func nilFunc(c <-chan struct{}) {
	defer func() {
		<-c
		_ = recover()
	}()
	var f func()
	f()
}

func deferred(c <-chan struct{}) {
	defer plain(c)
	runtime.Goexit()
}

func lockMutex(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock() // to be blocked above is the purpose
}

func waitGroup(wg *sync.WaitGroup) { wg.Wait() }

func selecting(c <-chan struct{}) {
	select {
	case <-c:
	case <-make(chan int):
	}
}

func readFile(f *os.File) { _, _ = f.Read(make([]byte, 1)) }

// open starts the zoo, each animal labelled with its name, waits until all are
// blocked, and releases them at the end of the test.
func open(t *testing.T) map[string]species {
	alone(t)
	animals := zoo(t)
	want := make(map[string]int)
	for _, s := range animals {
		want[s.state]++
	}
	var gone sync.WaitGroup
	for name, s := range animals {
		gone.Go(func() {
			label.Set(name)
			s.block()
		})
	}
	t.Cleanup(func() {
		for _, s := range animals {
			s.release()
		}
		gone.Wait()
	})
	eventually(t, func() bool {
		states := make(map[string]int)
		for _, g := range Dump() {
			if g.inZoo() {
				states[g.State]++
			}
		}
		return maps.Equal(states, want)
	})
	return animals
}

func (g Goroutine) inZoo() bool {
	return strings.HasSuffix(g.CreatedBy.Function, "sync.(*WaitGroup).Go") && has(g.Frames, packagePrefix+"open.func1")
}

const packagePrefix = "github.com/go-leakcheck/leakcheck/internal/goroutine."

// eventually looks until done, which is a matter of scheduling only.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "waited 20 s in vain")
	}
}
