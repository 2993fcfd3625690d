package goroutine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// strangers returns the goroutines of a dump that somebody would have to
// answer for.
func strangers(gs []Goroutine) []Goroutine {
	var all []Goroutine
	for _, g := range gs {
		if !g.OfRuntime() && !g.TestRunner() {
			all = append(all, g)
		}
	}
	return all
}

func requireSome(t *testing.T, gs []Goroutine, prefix string) {
	t.Helper()
	for _, g := range gs {
		if has(g.Frames, prefix) {
			return
		}
	}
	require.Fail(t, "no goroutine in "+prefix+" to judge")
}

// alone waits until nothing of the tests before this one runs: a goroutine may
// need a moment after it has said that it is done.
func alone(t *testing.T) {
	t.Helper()
	eventually(t, func() bool { return len(strangers(Dump())) == 0 })
}

func TestNoStrangersInATest(t *testing.T) {
	alone(t)
	assert.Empty(t, strangers(Dump()))
}

// With all the goroutines that the flags of a test binary start.
func TestNoStrangersUnderProfilers(t *testing.T) {
	if os.Getenv("GOROUTINE_TEST_PROFILED") != "" {
		gs := Dump()
		requireSome(t, gs, "runtime/pprof.profileWriter")
		requireSome(t, gs, "runtime/trace.")
		assert.Empty(t, strangers(gs))
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestNoStrangersUnderProfilers$", "-test.timeout=1m",
		"-test.cpuprofile="+filepath.Join(dir, "cpu"), "-test.trace="+filepath.Join(dir, "trace"))
	cmd.Env = append(os.Environ(), "GOROUTINE_TEST_PROFILED=1")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// The first Notify of a process starts a goroutine that stays, with the label
// of whoever was first.
func TestSignalLoopIsNobodys(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		label.Set("first")
		c := make(chan os.Signal, 1)
		signal.Notify(c, os.Interrupt)
		signal.Stop(c)
	}()
	<-done
	eventually(t, func() bool { return len(strangers(Dump())) == 0 })
	requireSome(t, Dump(), "os/signal.loop")
	groups, err := ByLabel()
	require.NoError(t, err)
	for _, gr := range groups {
		if gr.Label == "first" {
			assert.True(t, gr.OfRuntime(), gr.Frames)
		}
	}
}

// A lookup goes on after its context has ended.
func TestNameLookupIsNobodys(t *testing.T) {
	dialing, release, gone := make(chan struct{}, 8), make(chan struct{}), make(chan struct{})
	r := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		dialing <- struct{}{}
		<-release
		return nil, errors.New("not for real")
	}}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(gone)
		_, err := r.LookupIPAddr(ctx, "leakcheck.invalid")
		assert.Error(t, err)
	}()
	<-dialing
	cancel()
	<-gone
	eventually(t, func() bool { return len(strangers(Dump())) == 0 })
	requireSome(t, Dump(), "net.(*Resolver).")
	close(release)
	eventually(t, func() bool {
		for _, g := range Dump() {
			if has(g.Frames, "net.(*Resolver).") {
				return false
			}
		}
		return true
	})
}

func TestRunningFinalizersAreNobodys(t *testing.T) {
	dumps := make(chan []Goroutine)
	for _, attach := range []func(*[64]byte){
		func(p *[64]byte) { runtime.SetFinalizer(p, func(*[64]byte) { dumps <- Dump() }) },
		func(p *[64]byte) { runtime.AddCleanup(p, func(int) { dumps <- Dump() }, 0) },
	} {
		attach(new([64]byte))
		runtime.GC()
		running := (<-dumps)[0]
		assert.True(t, running.OfRuntime(), running.Raw)
	}
}

func TestABubblesOwnGoroutinesAreNobodys(t *testing.T) {
	alone(t)
	synctest.Test(t, func(t *testing.T) {
		gs := Dump()
		assert.Empty(t, strangers(gs))
		assert.Equal(t, Busy, gs[0].Runner())
	})
}

// ExampleDump runs beside the goroutine that reads what it prints.
func ExampleDump() {
	for len(strangers(Dump())) > 0 {
		runtime.Gosched()
	}
	fmt.Println(Dump()[0].TestRunner())
	// Output: true
}

// What the fuzzing engine starts is nobody's, but for a goroutine of package
// context's kind that looks like anybody's.
func TestFuzzingIsNobodys(t *testing.T) {
	for file, main := range map[string]int64{"fuzz_coordinator.txt": 0, "fuzz_worker.txt": 1357} {
		gs := Parse(trace(t, file))
		for _, g := range strangers(gs) {
			if len(g.Frames) > 0 {
				assert.Equal(t, "os/signal.NotifyContext", g.CreatedBy.Function, g.Raw)
			}
		}
		for _, g := range gs {
			want := NotRunner
			switch {
			case g.ID == 1, g.ID == 21:
				want = Waits
			case g.ID == main && main != 0:
				want = Busy
			}
			assert.Equal(t, want, g.Runner(), "%s: %s", file, g.Raw)
		}
	}
}

func TestTheAlarmIsNobodys(t *testing.T) {
	gs := byID(t, "timeout.txt")
	assert.Equal(t, "testing.(*M).startAlarm.func1", gs[5].Frames[0].Function)
	assert.True(t, gs[5].OfRuntime())
	runners := make(map[int64]Runner)
	for id, g := range gs {
		runners[id] = g.Runner()
	}
	assert.Equal(t, map[int64]Runner{5: NotRunner, 1: Waits, 21: Waits, 22: Paused, 23: Busy}, runners)
}

func TestWhatUsersStartIsTheirs(t *testing.T) {
	for _, first := range []string{
		"main.main.func1", "net/http.(*persistConn).readLoop", "os/signal.NotifyContext.func1",
		"database/sql.(*DB).connectionOpener", "os/exec.(*Cmd).watchCtx", "testingx.loop",
		"context.(*cancelCtx).propagateCancel.func2", "internal/singleflight.(*Group).doCall",
	} {
		frames := []Frame{{Function: "internal/poll.runtime_pollWait"}, {Function: first}, {Function: "runtime.goexit"}}
		assert.False(t, Goroutine{Frames: frames}.OfRuntime(), first)
		assert.False(t, Group{Frames: frames}.OfRuntime(), first)
	}
	lookup := []Frame{{Function: "main.lookup"}, {Function: "net.(*Resolver).LookupHost"}, {Function: "main.main.func1"}}
	assert.False(t, Goroutine{Frames: lookup}.OfRuntime(), "waiting for a name is no excuse")
	assert.False(t, Goroutine{Raw: "unreadable"}.OfRuntime())
}

func TestThreadsOfCAreNobodys(t *testing.T) {
	gs := Parse([]byte("goroutine 17 [syscall, locked to thread]:\nruntime.goexit({})\n\t/go/src/runtime/asm_amd64.s:1700 +0x1\n"))
	assert.True(t, gs[0].OfRuntime(), "go.dev/issue/16714")
}
