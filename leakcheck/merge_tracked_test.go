package leakcheck

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

func TestATrackedObjectAndItsDescriptorAreOneLeak(t *testing.T) {
	j, sys, clk := newFakeJudge()
	kept := new(handle)
	ft := covered(j, func() {
		clk.Sleep(time.Second)
		sys.Open(4, 101, "/tmp/a")
		require.NoError(t, j.tracker.TrackDescriptor(kept, 4, "a", "file:r"))
		clk.Sleep(time.Second)
	}, Grace(0))
	errs := ft.Errors()
	assert.Contains(t, errs, "TestFake leaked 1: 1 file")
	assert.Contains(t, errs, "/tmp/a   fd 4")
	assert.Contains(t, errs, "opened by  leakcheck.TestATrackedObjectAndItsDescriptorAreOneLeak.func1")
	assert.NotContains(t, errs, "<", "the age is exact")
	assert.Empty(t, covered(j, func() {}).Errors(), "it is reported once")
	runtime.KeepAlive(kept)
}

func TestATrackedObjectTellsWhoseTheDescriptorIs(t *testing.T) {
	if !label.Supported {
		t.Skip("no owners in this build")
	}
	j, sys, _ := newFakeJudge()
	j.rebase()
	kept := new(handle)
	doA, endA := j.goTest("TestA", true)
	doB, endB := j.goTest("TestB", true)
	doA(func() {
		sys.Open(4, 101, "/tmp/a")
		assert.NoError(t, j.tracker.TrackDescriptor(kept, 4, "a", "file:r"))
	})
	doB(func() {})
	assert.Empty(t, endB().Errors())
	errs := endA().Errors()
	assert.Contains(t, errs, "TestA leaked 1: 1 file")
	assert.NotContains(t, errs, "suspects")
	runtime.KeepAlive(kept)
}

func TestWhatIsIgnoredOfATrackedDescriptorIsIgnoredWhole(t *testing.T) {
	for name, opt := range map[string]Option{
		"by the object's kind":     IgnoreKind("file:r"),
		"by the descriptor's kind": IgnoreKind("file"),
		"by the path":              IgnorePath("/tmp/a"),
	} {
		t.Run(name, func(t *testing.T) {
			j, sys, clk := newFakeJudge()
			kept := new(handle)
			ft := covered(j, func() {
				sys.Open(4, 101, "/tmp/a")
				require.NoError(t, j.tracker.TrackDescriptor(kept, 4, "a", "file:r"))
			}, opt)
			assert.Empty(t, ft.Errors())
			assert.Zero(t, clk.Slept(), "it is not waited for either")
			runtime.KeepAlive(kept)
		})
	}
}

// The embedded *os.File can be closed without the stand-in.
func TestATrackedObjectWhoseDescriptorIsClosedIsNoLeak(t *testing.T) {
	j, sys, _ := newFakeJudge()
	kept := new(handle)
	ft := covered(j, func() {
		k := sys.Open(4, 101, "/tmp/a")
		require.NoError(t, j.tracker.TrackDescriptor(kept, 4, "a", "file:r"))
		sys.Close(k)
	}, Grace(0))
	assert.Empty(t, ft.Errors())
	runtime.KeepAlive(kept)
}

// The number of a descriptor that was closed without the stand-in is soon
// another's.
func TestATrackedObjectHasNoPartInALaterDescriptorOfItsNumber(t *testing.T) {
	for _, recorded := range []bool{false, true} {
		j, sys, rec := newRecordingJudge(t)
		if !recorded {
			j.openings = nil
		}
		stale := new(handle)
		ft := covered(j, func() {
			k := sys.Open(4, 101, "/tmp/closed")
			require.NoError(t, j.tracker.TrackDescriptor(stale, 4, "closed", "file:r"))
			j.tracker.snapshot(nil)[0].created = rec.clk.Now() // as the judge has it
			sys.Close(k)
			rec.clk.Sleep(time.Second)
			assert.Empty(t, covered(j, func() {}).Errors()) // looks
			rec.clk.Sleep(time.Second)
			sys.Open(4, 102, "/tmp/later")
			rec.byFD[4] = rec.here()
		}, Grace(0))
		errs := ft.Errors()
		assert.Contains(t, errs, "TestFake leaked 1: 1 file")
		assert.Contains(t, errs, "/tmp/later")
		assert.Equal(t, !recorded, strings.Contains(errs, unknownOpener), errs)
		runtime.KeepAlive(stale)
	}
}

func TestALostObjectAndItsLostDescriptorAreOneLeak(t *testing.T) {
	for _, when := range []string{"at the verdict", "in the middle of the test"} {
		t.Run(when, func(t *testing.T) {
			j, sys, _ := newFakeJudge()
			if label.Supported {
				var rec *fakeOpenings
				j, sys, rec = newRecordingJudge(t)
				j.openings = rec
			}
			ft := covered(j, func() {
				k := sys.Open(4, 101, "/tmp/a")
				o := &opening{owner: currentOwner()}
				drop := func() {
					h := new(handle)
					require.NoError(t, j.tracker.TrackDescriptor(h, 4, "a", "file:r"))
					runtime.AddCleanup(h, func(int) {
						j.dropped(4, o)
						sys.Close(k)
					}, 0)
				}
				drop()
				if when == "in the middle of the test" {
					collect(j.clock)
				}
			}, Grace(0))
			assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file")
			assert.Contains(t, ft.Errors(), "lost")
		})
	}
}

func TestTrackDescriptorRefuses(t *testing.T) {
	tr := NewTracker()
	for _, fd := range []int{-1, 1 << 24} {
		assert.ErrorContains(t, tr.TrackDescriptor(new(handle), fd, "a", "file"), "not the number of a descriptor")
	}
	assert.ErrorContains(t, tr.TrackDescriptor(nil, 3, "a", "file"), "nil")
	assert.Zero(t, tr.Len())
}

func TestOnLost(t *testing.T) {
	tr := NewTracker()
	lost := make(chan Info)
	tr.OnLost(func(i Info) { lost <- i })
	func() {
		for _, name := range []string{"a", "b"} {
			require.NoError(t, tr.Track(new(handle), name, "lease"))
		}
	}()
	assert.Equal(t, 2, tr.Len())
	collect(self.clock)
	assert.ElementsMatch(t, []string{"a", "b"}, []string{(<-lost).Name, (<-lost).Name})
	assert.Zero(t, tr.Len())
	tr.OnLost(nil)
	func() { require.NoError(t, tr.Track(new(handle), "c", "lease")) }()
	collect(self.clock)
	select {
	case i := <-lost:
		t.Errorf("%s was told about", i.Name)
	default:
	}
}

func TestOnLostGoesOnAfterGoexit(t *testing.T) {
	tr := NewTracker()
	lost := make(chan string, 2)
	tr.OnLost(func(i Info) { lost <- i.Name; runtime.Goexit() })
	defer tr.OnLost(nil)
	for _, name := range []string{"a", "b"} {
		func() { require.NoError(t, tr.Track(new(handle), name, "lease")) }()
		collect(self.clock)
		assert.Equal(t, name, <-lost)
	}
}
