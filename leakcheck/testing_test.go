package leakcheck

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/fakes"
)

func TestNilT(t *testing.T) {
	const want = "leakcheck.VerifyNone: t is nil: pass the *testing.T of the test"
	assert.PanicsWithValue(t, want, func() { VerifyNone(nil) })
	assert.PanicsWithValue(t, want, func() { VerifyNone((*testing.T)(nil)) })
	assert.PanicsWithValue(t, "leakcheck.Check: t is nil: pass the *testing.T of the test", func() { Check(nil) })
}

func TestNilM(t *testing.T) {
	assert.Equal(t, exitUsage, Run(nil))
	assert.Equal(t, exitUsage, Run((*testing.M)(nil)))
}

func TestRunRefusesBadOptions(t *testing.T) {
	ran := false
	assert.Equal(t, exitUsage, Run(&fakes.M{Tests: func() { ran = true }}, IgnorePath("[")))
	assert.False(t, ran)
}

func TestRunOffRunsTheTests(t *testing.T) {
	t.Setenv(variable, "off")
	assert.Equal(t, 7, Run(&fakes.M{Code: 7}))
}

func TestCheckNeedsCleanup(t *testing.T) {
	ft := new(fakes.MinimalT)
	Check(ft)
	assert.Contains(t, ft.Errors(), "leakcheck.Check: *fakes.MinimalT has no Cleanup method to judge in: use defer leakcheck.VerifyNone(t)")
}

func TestVerifyNoneWithTheLeastT(t *testing.T) {
	VerifyNone(new(fakes.MinimalT), Grace(0)) // the baseline
	f := openTemp(t)
	ft := new(fakes.MinimalT)
	VerifyNone(ft, Grace(0), IgnoreKind("goroutine"))
	require.NoError(t, f.Close())
	assert.Contains(t, ft.Errors(), "leakcheck: the test leaked 1: 1 file")
	assert.Contains(t, ft.Errors(), f.Name())
}

func TestVerifyNoneTellsOfBadOptionsAndStillJudges(t *testing.T) {
	VerifyNone(new(fakes.T), Grace(0), IgnoreKind("goroutine"))
	f := openTemp(t)
	ft := new(fakes.T)
	VerifyNone(ft, Grace(0), IgnorePath("[a"), IgnoreKind("goroutine"))
	require.NoError(t, f.Close())
	assert.Contains(t, ft.Errors(), `leakcheck: IgnorePath("[a"): syntax error in pattern`)
	assert.Contains(t, ft.Errors(), f.Name())
}

func TestIgnoreCurrentIsEvaluatedWhereItIsWritten(t *testing.T) {
	VerifyNone(new(fakes.T), Grace(0), IgnoreKind("goroutine"))
	f := openTemp(t)
	defer f.Close()
	o := IgnoreCurrent()
	g := openTemp(t)
	ft := new(fakes.T)
	VerifyNone(ft, o, Grace(0))
	require.NoError(t, g.Close())
	assert.NotContains(t, ft.Errors(), f.Name())
	assert.Contains(t, ft.Errors(), g.Name())
}

func TestCheckTwiceAddsOptions(t *testing.T) {
	ft := &fakes.T{TestName: "TestFake"}
	ft.Run(func(ft *fakes.T) {
		Check(ft, Grace(0))
		f := openTemp(t)
		t.Cleanup(func() { _ = f.Close() })
		Check(ft, IgnorePath(f.Name()))
	})
	assert.Empty(t, ft.Errors())
}

func TestVerifyNoneUnderCheckAddsOptions(t *testing.T) {
	ft := &fakes.T{TestName: "TestFake"}
	ft.Run(func(ft *fakes.T) {
		Check(ft, Grace(0))
		f := openTemp(t)
		ft.Cleanup(func() { _ = f.Close() })
		defer VerifyNone(ft) // would find f open
	})
	assert.Empty(t, ft.Errors())
}

func TestFindInsideATest(t *testing.T) {
	ft := &fakes.T{TestName: "TestFake"}
	var first, second Report
	ft.Run(func(ft *fakes.T) {
		Check(ft, Grace(0))
		f := openTemp(t)
		first = Find()
		second = Find()
		_ = f.Close()
	})
	assert.Equal(t, "TestFake", first.Subject)
	assert.Equal(t, map[string]int{"file": 1}, first.ByKind)
	assert.Zero(t, second.Total, "a leak is reported once")
	assert.Empty(t, ft.Errors())
}

func TestFindNotesBadOptions(t *testing.T) {
	r := Find(Grace(-1), IgnoreKind("goroutine"))
	assert.Contains(t, r.Notes[len(r.Notes)-1], "cannot be negative")
}

func TestHoldGCHoldsUntilReleased(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	limit := debug.SetMemoryLimit(-1)
	a, b := holdGC(), holdGC()
	assert.Equal(t, -1, debug.SetGCPercent(-1))
	assert.Less(t, debug.SetMemoryLimit(-1), int64(2)<<40, "memory stays bounded")
	a.release()
	a.release()
	assert.Equal(t, -1, debug.SetGCPercent(-1), "the other one still holds")
	b.release()
	assert.Equal(t, 100, debug.SetGCPercent(100))
	assert.Equal(t, limit, debug.SetMemoryLimit(-1))
}

func TestHoldGCLeavesWhatTheProgramSet(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	limit := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(limit)
	h := holdGC()
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(1 << 40)
	h.release()
	assert.Equal(t, 50, debug.SetGCPercent(100))
	assert.EqualValues(t, 1<<40, debug.SetMemoryLimit(-1))
}

func TestCollectRunsFinalizersAndCleanups(t *testing.T) {
	for range 20 {
		f := openTemp(t)
		fd, name := f.Fd(), f.Name()
		f = nil
		require.True(t, collect(clock.Real))
		link, err := os.Readlink(filepath.Join("/proc/self/fd", strconv.Itoa(int(fd))))
		if err == nil {
			assert.NotEqual(t, name, link, "its finalizer closes it")
		}
	}
	runtime.KeepAlive(t)
}

func TestParallelOf(t *testing.T) {
	t.Run("sequential", func(t *testing.T) {
		parallel := parallelOf(t)
		require.NotNil(t, parallel, "this Go release keeps no field isParallel in testing.T")
		assert.False(t, parallel())
	})
	t.Run("parallel", func(t *testing.T) {
		parallel := parallelOf(t)
		t.Parallel()
		assert.True(t, parallel())
	})
	assert.Nil(t, parallelOf(new(fakes.T)))
}

func TestNames(t *testing.T) {
	assert.Equal(t, "the test", nameOf(new(fakes.MinimalT)))
	assert.Equal(t, t.Name(), nameOf(t))
}

func TestTestBinaryIsRecognised(t *testing.T) {
	assert.True(t, isTestBinary(os.Args))
	assert.True(t, isTestBinary([]string{"/tmp/x.test"}))
	assert.True(t, isTestBinary([]string{`C:\x.test.exe`}))
	assert.True(t, isTestBinary([]string{"/tmp/renamed", "-test.v"}))
	assert.False(t, isTestBinary([]string{"/usr/bin/server", "-v"}))
	assert.False(t, isTestBinary(nil))
}

func TestOpenDescriptors(t *testing.T) {
	before, err := OpenDescriptors()
	require.NoError(t, err)
	f := openTemp(t)
	defer f.Close()
	after, err := OpenDescriptors()
	require.NoError(t, err)
	assert.Equal(t, before+1, after)
}

func openTemp(t *testing.T) *os.File {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	return f
}

func TestHoldOfMainOutlivesATest(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	ofMain, ofTest := HoldGC(), HoldGC()
	w := &window{base: []Option{ofMain}, opts: []Option{ofTest}}
	w.config().release()
	assert.Equal(t, -1, debug.SetGCPercent(-1), "Main's hold ends with the package")
	newConfig(w.base).release()
	assert.Equal(t, 100, debug.SetGCPercent(100))
}
