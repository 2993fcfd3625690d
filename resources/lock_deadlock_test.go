package resources_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// deadlocks has what is reported from now on to the end of the test.
func deadlocks(t *testing.T) <-chan resources.Deadlock {
	found := make(chan resources.Deadlock, 100)
	resources.OnDeadlock(func(d resources.Deadlock) { found <- d })
	t.Cleanup(func() { resources.OnDeadlock(nil) })
	return found
}

func awaitDeadlock(t *testing.T, found <-chan resources.Deadlock) resources.Deadlock {
	t.Helper()
	select {
	case d := <-found:
		return d
	case <-time.After(lockPatience):
		t.Fatal("no deadlock was reported")
		return resources.Deadlock{}
	}
}

// locks returns n mutexes, named a, b, c, after the test.
func locks(t *testing.T, n int) []*resources.Mutex {
	tr := leakcheck.NewTracker()
	all := make([]*resources.Mutex, n)
	for i := range all {
		all[i] = resources.NewMutex(t.Name()+"-"+string(rune('a'+i)), resources.WithTracker(tr))
	}
	return all
}

// entangle has n goroutines lock one mutex each and then want the next one's.
// The result has them go on.
func entangle(t *testing.T, n int) (resolve func()) {
	ls := locks(t, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i, l := range ls {
		done.Go(func() {
			l.Lock()
			ready.Done()
			ready.Wait()
			ls[(i+1)%n].Lock()
			if i > 0 {
				l.Unlock() // that of the first one is unlocked by resolve
			}
			ls[(i+1)%n].Unlock()
		})
	}
	return func() {
		ls[0].Unlock()
		done.Wait()
	}
}

func TestDeadlockOfSeveral(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		found := deadlocks(t)
		resolve := entangle(t, n)
		d := awaitDeadlock(t, found)
		assert.Less(t, d.Goroutines[0].Waits.Age, lockPatience)
		require.Len(t, d.Goroutines, n)
		seen := map[int64]bool{}
		for i, g := range d.Goroutines {
			next := d.Goroutines[(i+1)%n]
			assert.Equal(t, g.Wanted, next.Kept)
			assert.Equal(t, g.Waits.Goroutine, g.Holds.Goroutine)
			assert.False(t, g.Queued)
			assert.Contains(t, g.Waits.Stack.String(), "entangle")
			assert.Contains(t, g.Holds.Stack.String(), "entangle")
			assert.NotEqual(t, g.Waits.Stack, g.Holds.Stack)
			seen[g.Waits.Goroutine] = true
		}
		assert.Len(t, seen, n)
		text := d.String()
		assert.Equal(t, 2*n, strings.Count(text, "lock_deadlock_test.go:"), text)
		resolve()
		assert.Empty(t, found, "it is reported once")
	}
}

// The report comes while the goroutines wait, soon enough to be of use.
func TestDeadlockIsReportedWithin100Milliseconds(t *testing.T) {
	fastest := lockPatience
	for range 5 { // other processes may keep the processor from one
		found := deadlocks(t)
		resolve := entangle(t, 2)
		d := awaitDeadlock(t, found)
		fastest = min(fastest, max(d.Goroutines[0].Waits.Age, d.Goroutines[1].Waits.Age))
		resolve()
	}
	assert.Less(t, fastest, 100*time.Millisecond)
}

func TestDeadlockOfAnUpgrade(t *testing.T) {
	found := deadlocks(t)
	m := resources.NewRWMutex("upgraded", resources.WithTracker(leakcheck.NewTracker()))
	var wg sync.WaitGroup
	wg.Go(func() {
		m.RLock()
		m.Lock()
		defer m.Unlock()
	})
	d := awaitDeadlock(t, found)
	require.Len(t, d.Goroutines, 1)
	assert.True(t, d.Goroutines[0].Holds.Shared)
	assert.False(t, d.Goroutines[0].Waits.Shared)
	assert.Contains(t, d.String(), "deadlock: a goroutine waits for itself")
	assert.Contains(t, d.String(), "has locked upgraded for reading for ")
	m.RUnlock()
	wg.Wait()
}

func TestDeadlockOfAReaderThatReadsAgain(t *testing.T) {
	found := deadlocks(t)
	m := resources.NewRWMutex("read-again", resources.WithTracker(leakcheck.NewTracker()))
	var wg sync.WaitGroup
	wg.Go(func() {
		m.RLock()
		wg.Go(func() {
			m.Lock()
			defer m.Unlock()
		})
		awaitLockWaiters(t, "read-again", 1)
		m.RLock()
		defer m.RUnlock()
	})
	d := awaitDeadlock(t, found)
	require.Len(t, d.Goroutines, 2)
	assert.Contains(t, d.String(), "is next to lock read-again")
	m.RUnlock()
	wg.Wait()
}

func TestAWaitWithAnEndIsNoDeadlock(t *testing.T) {
	found := deadlocks(t)
	ls := locks(t, 2)
	var ready, wg sync.WaitGroup
	ready.Add(2)
	wg.Go(func() {
		ls[0].Lock()
		defer ls[0].Unlock()
		ready.Done()
		ready.Wait()
		// Longer than it takes to believe in a cycle.
		assert.Error(t, ls[1].LockTimeout(200*time.Millisecond))
	})
	wg.Go(func() {
		ls[1].Lock()
		defer ls[1].Unlock()
		ready.Done()
		ready.Wait()
		ls[0].Lock()
		defer ls[0].Unlock()
	})
	wg.Wait()
	assert.Empty(t, found)
}

func TestALockThatOthersUnlockIsInNoDeadlock(t *testing.T) {
	found := deadlocks(t)
	ls := locks(t, 1)
	ls[0].Lock()
	var wg sync.WaitGroup
	wg.Go(ls[0].Unlock)
	wg.Wait()
	ls[0].Lock()
	wg.Go(func() {
		time.Sleep(100 * time.Millisecond) // longer than it takes to believe in a cycle
		ls[0].Unlock()
	})
	ls[0].Lock()
	wg.Wait()
	ls[0].Unlock()
	assert.Empty(t, found)
}

func TestCorrectLockingIsNoDeadlock(t *testing.T) {
	const goroutines, rounds = 8, 10000 / 8
	found := deadlocks(t)
	ls := locks(t, 6)
	for name, f := range map[string]func(i int){
		"ordered": func(int) {
			for _, l := range ls {
				l.Lock()
			}
			for _, l := range ls {
				l.Unlock()
			}
		},
		"hand over hand": func(int) {
			ls[0].Lock()
			for i := range ls[1:] {
				ls[i+1].Lock()
				ls[i].Unlock()
			}
			ls[len(ls)-1].Unlock()
		},
		"out of order, with an end": func(i int) {
			a, b := ls[i%len(ls)], ls[(i+1)%len(ls)]
			a.Lock()
			if b.TryLock() || b.LockTimeout(50*time.Microsecond) == nil {
				b.Unlock()
			}
			a.Unlock()
		},
	} {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range rounds {
					f(i + g)
					if i%64 == 0 {
						runtime.Gosched()
					}
				}
			})
		}
		wg.Wait()
		assert.Empty(t, found, name)
	}
}

func TestAPanicInOnDeadlockHarmsNobody(t *testing.T) {
	called := make(chan struct{})
	resources.OnDeadlock(func(resources.Deadlock) {
		defer close(called)
		panic("callback")
	})
	defer resources.OnDeadlock(nil)
	resolve := entangle(t, 2)
	<-called
	resolve()
}

// deadlockVariable tells the process that a test starts to block itself.
const deadlockVariable = "RESOURCES_TEST_DEADLOCK"

func TestADeadlockIsWrittenToStandardError(t *testing.T) {
	if os.Getenv(deadlockVariable) != "" {
		entangle(t, 2)
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestADeadlockIsWrittenToStandardError$")
	cmd.Env = append(os.Environ(), deadlockVariable+"=1")
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	buf := make([]byte, 1000)
	n, err := stderr.Read(buf)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	assert.Error(t, cmd.Wait())
	assert.Contains(t, string(buf[:n]), "resources: deadlock: 2 goroutines wait for each other\n")
}
