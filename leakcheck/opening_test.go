package leakcheck

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/fakes"
	"github.com/go-leakcheck/leakcheck/internal/label"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// fakeOpenings records what it is told to.
type fakeOpenings struct {
	clk    *fakes.Clock
	seq    uint64
	byFD   map[int]*opening
	byPID  map[int]*opening
	mapped []recordedMapping
	misuse []misuse
}

func (f *fakeOpenings) descriptor(fd int) *opening  { return f.byFD[fd] }
func (f *fakeOpenings) process(pid int) *opening    { return f.byPID[pid] }
func (f *fakeOpenings) mappings() []recordedMapping { return f.mapped }
func (f *fakeOpenings) takeMisuses(keep func(misuse) bool) (taken []misuse) {
	for _, m := range f.misuse {
		if keep(m) {
			taken = append(taken, m)
		}
	}
	if len(taken) > 0 {
		f.misuse = nil
	}
	return taken
}

// here records the calling goroutine.
func (f *fakeOpenings) here() *opening {
	f.seq++
	pcs := make([]uintptr, 16)
	return &opening{seq: f.seq, when: f.clk.Now(), owner: currentOwner(), pcs: pcs[:runtime.Callers(2, pcs)]}
}

func newRecordingJudge(t *testing.T) (*judge, *fakes.System, *fakeOpenings) {
	if !label.Supported {
		t.Skip("no owners in this build")
	}
	j, sys, clk := newFakeJudge()
	f := &fakeOpenings{clk: clk, byFD: make(map[int]*opening), byPID: make(map[int]*opening)}
	j.openings = f
	return j, sys, f
}

// begin starts a test on a goroutine of its own. The returned functions run
// something there, and end the test.
func (j *judge) goTest(name string, parallel bool) (do func(func()), end func() *fakes.T) {
	ft := &fakes.T{TestName: name}
	work, done := make(chan func()), make(chan struct{})
	ready := make(chan struct{})
	go func() {
		defer close(done)
		ft.Run(func(*fakes.T) {
			j.cover(&window{name: name, t: ft, base: []Option{Grace(0)}}, ft)
			if parallel {
				j.mu.Lock()
				j.windows[len(j.windows)-1].parallel = func() bool { return true }
				j.mu.Unlock()
			}
			close(ready)
			for f := range work {
				f()
				ready <- struct{}{}
			}
		})
	}()
	<-ready
	ready = make(chan struct{})
	return func(f func()) { work <- f; <-ready }, func() *fakes.T { close(work); <-done; return ft }
}

func TestRecordedOwnersAreExactAmongParallelTests(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	j.rebase()
	doA, endA := j.goTest("TestA", true)
	doB, endB := j.goTest("TestB", true)
	doA(func() {
		sys.Open(4, 101, "/tmp/a")
		rec.byFD[4] = rec.here()
	})
	doB(func() {})
	b := endB()
	assert.Empty(t, b.Errors(), "what another test opened is not this one's")
	errs := endA().Errors()
	assert.Contains(t, errs, "TestA leaked 1: 1 file")
	assert.Contains(t, errs, "opened by  leakcheck.TestRecordedOwnersAreExactAmongParallelTests.func1")
	assert.NotContains(t, errs, "suspects")
}

func TestWhatNobodysGoroutineOpensIsLeftToThePackage(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	end := j.beginRun(&config{grace: 0})
	ft := covered(j, func() {
		opened := make(chan struct{})
		go func() {
			label.Clear()
			sys.Open(4, 101, "/tmp/a")
			rec.byFD[4] = rec.here()
			close(opened)
		}()
		<-opened
	}, Grace(0))
	assert.Empty(t, ft.Errors(), "it is not pinned on the test that ran")
	r := j.packageVerdict(end)
	if assert.Len(t, r.Leaks, 1) {
		assert.Empty(t, r.Leaks[0].Owner)
		assert.NotEmpty(t, r.Leaks[0].Stack)
		assert.False(t, r.Leaks[0].AgeIsBound)
	}
}

// C code may close and open descriptors where nobody sees it.
func TestARecordOfAnEarlierDescriptorWithTheNumber(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	old := sys.Open(4, 101, "/tmp/old")
	rec.byFD[4] = rec.here()
	rec.clk.Sleep(time.Second)
	j.rebase()
	rec.clk.Sleep(time.Second)
	ft := covered(j, func() {
		sys.Close(old)
		sys.Open(4, 102, "/tmp/new")
	}, Grace(0))
	assert.Contains(t, ft.Errors(), unknownOpener)
	assert.Contains(t, ft.Errors(), "TestFake leaked 1", "it is still the test's: nobody else ran")
}

func TestDroppedInTheMiddleOfATest(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	ft := covered(j, func() {
		k := sys.Open(4, 101, "/tmp/a")
		o := rec.here()
		j.dropped(4, o)
		sys.Close(k)
	}, Grace(0))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file")
	assert.Contains(t, ft.Errors(), "lost")
	assert.Empty(t, covered(j, func() {}).Errors(), "it is reported once")
}

func TestDroppedWhileItsVerdictLooks(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	ft := covered(j, func() {
		k := sys.Open(4, 101, "/tmp/a")
		o := rec.here()
		rec.byFD[4] = o
		rec.clk.OnSleep = func(time.Duration) {
			if o != nil { // a collection that another test asked for
				j.dropped(4, o)
				sys.Close(k)
				o = nil
			}
		}
	}, Grace(time.Second))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file", "closed by a finalizer is not closed")
	assert.Contains(t, ft.Errors(), "lost")
}

func TestSplicePipesAreDroppedByDesign(t *testing.T) {
	assert.False(t, pooled(&opening{}))
	assert.False(t, pooled(new(fakeOpenings).with(&fakes.Clock{}).here()))
}

func (f *fakeOpenings) with(c *fakes.Clock) *fakeOpenings { f.clk = c; return f }

func TestMisuseIsTheClosersLeak(t *testing.T) {
	j, _, rec := newRecordingJudge(t)
	opened := rec.here()
	ft := covered(j, func() {
		rec.misuse = append(rec.misuse, misuse{fd: 9, opened: opened, closed: rec.here(), reopened: rec.here()})
	}, Grace(0))
	errs := ft.Errors()
	assert.Contains(t, errs, "TestFake leaked 1: 1 misuse")
	assert.Contains(t, errs, "descriptor 9 was closed behind its owner's back")
	for _, row := range []string{"opened by", "closed by", "reused by", "fix"} {
		assert.Contains(t, errs, row)
	}
}

func TestRecordedMappingsArePinnedOnATest(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	ft := covered(j, func() {
		sys.Map(process.Mapping{Start: 0x1000, End: 0x3000, Ino: 5, Path: "/tmp/mapped"})
		sys.Map(process.Mapping{Start: 0x8000, End: 0x9000, Ino: 6, Path: "/lib/libc.so"})
		rec.mapped = append(rec.mapped, recordedMapping{0x1000, 0x3000, rec.here()})
	}, Grace(0))
	errs := ft.Errors()
	assert.Contains(t, errs, "TestFake leaked 1: 1 mapping")
	assert.Contains(t, errs, "/tmp/mapped")
	assert.Contains(t, errs, "opened by  leakcheck.TestRecordedMappingsArePinnedOnATest.func1")
}

func TestSubtestsAreNamedByTheirTestsVerdict(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	ft := covered(j, func() {
		done := make(chan struct{})
		parent := currentOwner()
		go func() {
			defer close(done)
			newOwner("TestFake/sub").parent = parent
			sys.Open(4, 101, "/tmp/a")
			rec.byFD[4] = rec.here()
		}()
		<-done
	}, Grace(0))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file")
	assert.Contains(t, ft.Errors(), "test       TestFake/sub")
}

func TestTrackedObjectsOfASubtestAreItsTests(t *testing.T) {
	if !label.Supported {
		t.Skip("no owners in this build")
	}
	j, _, _ := newFakeJudge()
	kept := new(handle)
	ft := covered(j, func() {
		done := make(chan struct{})
		parent := currentOwner()
		go func() {
			defer close(done)
			newOwner("TestFake/sub").parent = parent
			assert.NoError(t, j.tracker.Track(kept, "kept", "lease"))
		}()
		<-done
	}, Grace(0))
	assert.Contains(t, ft.Errors(), "1 lease")
	assert.Contains(t, ft.Errors(), "TestFake/sub")
	runtime.KeepAlive(kept)
}

func TestAnExcuseIsAskedForAtTheVerdict(t *testing.T) {
	for _, excused := range []bool{true, false} {
		j, _, _ := newFakeJudge()
		kept := new(handle)
		ft := covered(j, func() {
			e, err := j.tracker.enter(kept, "GET /", "body", 0)
			require.NoError(t, err)
			e.excusable(func() bool { return excused })
		}, Grace(0))
		if excused {
			assert.Empty(t, ft.Errors())
		} else {
			assert.Contains(t, ft.Errors(), "1 body")
		}
		j.tracker.Untrack(kept)
		runtime.KeepAlive(kept)
	}
	excuses.Range(func(any, any) bool { t.Error("an excuse outlives its object"); return false })
}

func TestWhereTheStandardLibraryOpenedIt(t *testing.T) {
	var asked *opening
	require.NotPanics(t, func() { asked = (&fakeOpenings{clk: new(fakes.Clock)}).here() })
	require.False(t, standardOnly(callsOf(asked.pcs)))
	// The frames of the runtime and the test runner only.
	own := &opening{pcs: asked.pcs[len(asked.pcs)-2:]}
	var l Leak
	own.cause = asked
	own.place(&l)
	assert.Equal(t, asked.frames(), l.Stack)

	own.cause, own.creator = nil, asked.pcs[0]
	l = Leak{}
	own.place(&l)
	assert.Contains(t, l.CreatedBy.Function, "here")
}

// A file that a test dropped, as the standard library closes it.
type droppedFile struct{ _ *int }

func TestWhatIsLostIsNotWaitedFor(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	// Finalizers take real time, which the clock does not pass.
	rec.clk.OnSleep = func(time.Duration) { time.Sleep(200 * time.Microsecond) }
	ft := covered(j, func() {
		k, o := sys.Open(4, 101, "/tmp/a"), rec.here()
		rec.byFD[4] = o
		done := make(chan struct{})
		go func() { // whose stack keeps nothing alive
			defer close(done)
			runtime.SetFinalizer(new(droppedFile), func(*droppedFile) {
				j.dropped(4, o)
				sys.Close(k)
			})
		}()
		<-done
	})
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file")
	assert.Contains(t, ft.Errors(), "lost")
	assert.Less(t, rec.clk.Slept(), DefaultGrace/2, "nobody is left to close it")
}

// A request may be cancelled after the collector has taken its body.
func TestAnExcuseOfWhatIsLostIsAskedForAtTheVerdict(t *testing.T) {
	j, _, _ := newFakeJudge()
	var excused atomic.Bool
	ft := covered(j, func() {
		e, err := j.tracker.enter(new(handle), "GET /", "body", 0)
		require.NoError(t, err)
		e.flags.Or(flagCloser)
		e.excusable(excused.Load)
		require.True(t, collect(clock.Real))
		excused.Store(true)
	}, Grace(0))
	assert.Empty(t, ft.Errors())
}

// The kernel gives out numbers again, and file systems inodes.
func TestTheSameFileUnderTheSameNumberOpenedByAnother(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	j.rebase()
	doA, endA := j.goTest("TestA", true)
	doA(func() {
		sys.Open(4, 101, "/tmp/a")
		rec.byFD[4] = rec.here()
	})
	doB, endB := j.goTest("TestB", true) // looks
	doB(func() { rec.byFD[4] = rec.here() })
	assert.Empty(t, endA().Errors(), "its own is closed")
	assert.Contains(t, endB().Errors(), "TestB leaked 1: 1 file")
}

// An opening is recorded once the kernel has returned. Another test's look may
// come in between.
func TestSeenBeforeItWasRecorded(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	j.rebase()
	doA, endA := j.goTest("TestA", true)
	_, endB := j.goTest("TestB", true)
	doA(func() {
		sys.Open(4, 101, "/tmp/a")
		sys.Child(7)
	})
	assert.Empty(t, endB().Errors())
	doA(func() {
		rec.byFD[4] = rec.here()
		rec.byPID[7] = rec.here()
	})
	errs := endA().Errors()
	assert.Contains(t, errs, "TestA leaked 2: 1 file, 1 process")
	assert.NotContains(t, errs, "suspects")
	assert.NotContains(t, errs, unknownOpener)
}

func TestRecordedWhileItsVerdictLooks(t *testing.T) {
	j, sys, rec := newRecordingJudge(t)
	ft := covered(j, func() {
		sys.Open(4, 101, "/tmp/a")
		o := rec.here()
		rec.clk.OnSleep = func(time.Duration) { rec.byFD[4] = o }
	}, Grace(time.Second))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file", "it is not closed because more is known")
}

func TestOwnersOfSubtestsStandInTheLabel(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		test := newOwner("Test")
		sub := ownerByID(test.id + " Test/sub")
		assert.Equal(t, "Test/sub", ownerName(sub))
		assert.Same(t, test, sub.test())
		assert.Nil(t, ownerByID("no such test"))
	}()
	<-done
}
