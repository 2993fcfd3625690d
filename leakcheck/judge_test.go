package leakcheck

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/fakes"
	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// covered runs f as a test that j judges, and returns what became of it.
func covered(j *judge, f func(), opts ...Option) *fakes.T {
	ft := &fakes.T{TestName: "TestFake"}
	ft.Run(func(*fakes.T) {
		j.cover(&window{name: ft.TestName, t: ft, opts: opts}, ft)
		f()
	})
	return ft
}

func newFakeJudge() (*judge, *fakes.System, *fakes.Clock) {
	sys, clk := new(fakes.System), new(fakes.Clock)
	sys.Open(3, 100, "/etc/hosts")
	return newJudge(sys, clk, NewTracker()), sys, clk
}

func TestCleanNeverSleeps(t *testing.T) {
	j, sys, clk := newFakeJudge()
	ft := covered(j, func() { sys.Close(sys.Open(4, 101, "/tmp/a")) })
	assert.Empty(t, ft.Errors())
	assert.Zero(t, clk.Slept())
}

func TestReusedNumberIsANewDescriptor(t *testing.T) {
	j, sys, _ := newFakeJudge()
	hosts := sys.Open(4, 101, "/tmp/old")
	ft := covered(j, func() {
		sys.Close(hosts)
		sys.Open(4, 102, "/tmp/new")
	})
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 file")
	assert.Contains(t, ft.Errors(), "/tmp/new")
}

func TestWhatClosesWithinTheGraceIsClean(t *testing.T) {
	j, sys, clk := newFakeJudge()
	ft := covered(j, func() {
		k := sys.Open(4, 101, "/tmp/a")
		clk.OnSleep = func(soFar time.Duration) {
			if soFar > 300*time.Millisecond {
				sys.Close(k)
			}
		}
	})
	assert.Empty(t, ft.Errors())
	assert.Less(t, clk.Slept(), 600*time.Millisecond, "it stops as soon as all is closed")
}

func TestWhatIsClosedWhileItIsDescribedIsNotLost(t *testing.T) {
	j, sys, clk := newFakeJudge()
	sys.OnDescribe = func(k fdtable.Key) {
		if clk.Slept() >= time.Second {
			sys.Close(k)
		}
	}
	ft := covered(j, func() { sys.Open(4, 101, "/tmp/a") }, Grace(time.Second))
	assert.Empty(t, ft.Errors())
}

func TestTheGraceIsSleptInFull(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Millisecond, DefaultGrace} {
		j, sys, clk := newFakeJudge()
		s := &scope{cfg: &config{grace: grace}, goroutines: noGoroutines{}}
		j.rebase()
		sys.Open(4, 101, "/tmp/a")
		j.look(nil)
		f := &findings{sightings: j.ledger.take((*sighting).over)}
		j.settle(s, f)
		assert.Equal(t, grace, clk.Slept())
		assert.Len(t, f.sightings, 1)
	}
}

type noGoroutines struct{}

func (noGoroutines) first() bool       { return false }
func (noGoroutines) again() bool       { return false }
func (noGoroutines) find(int64) []Leak { return nil }

func TestReportedOnceThenFolded(t *testing.T) {
	j, sys, _ := newFakeJudge()
	assert.NotEmpty(t, covered(j, func() { sys.Open(4, 101, "/tmp/a") }).Errors())
	assert.Empty(t, covered(j, func() {}).Errors(), "the next test is innocent")
}

func TestUnreadableTableIsAnErrorAndLosesNothing(t *testing.T) {
	sys := new(fakes.System)
	tr := NewTracker()
	j := newJudge(sys, clock.Real, tr)
	sys.Fail(errors.New("reading /proc/self/fd: no such file or directory: mount /proc"))
	kept := new(handle)
	ft := covered(j, func() { require.NoError(t, tr.Track(kept, "kept", "lease")) }, Grace(0))
	assert.Contains(t, ft.Errors(), "descriptors were not checked: reading /proc/self/fd: no such file or directory: mount /proc")
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 lease", "tracked objects are still judged")
	runtime.KeepAlive(kept)
}

func TestDescriptorsThatCannotBeSeenForAWhile(t *testing.T) {
	j, sys, _ := newFakeJudge()
	sys.Fail(errors.New("too many open files"))
	covered(j, func() {})
	sys.Fail(nil)
	assert.Empty(t, covered(j, func() {}).Errors(), "what was open before is not new")
}

func TestFailedTestKeepsItsMessage(t *testing.T) {
	j, sys, _ := newFakeJudge()
	ft := &fakes.T{TestName: "TestFake"}
	ft.Run(func(ft *fakes.T) {
		j.cover(&window{name: ft.TestName, t: ft}, ft)
		sys.Open(4, 101, "/tmp/a")
		ft.FailNow()
	})
	assert.Empty(t, ft.Errors(), "no failure is added")
	assert.Contains(t, ft.Logs(), "/tmp/a", "the leak is listed all the same")
}

func TestPanicGoesOn(t *testing.T) {
	j, sys, _ := newFakeJudge()
	ft := &fakes.T{TestName: "TestFake"}
	panicked := ft.Run(func(ft *fakes.T) {
		j.cover(&window{name: ft.TestName, t: ft}, ft)
		sys.Open(4, 101, "/tmp/a")
		panic("boom")
	})
	assert.Equal(t, "boom", panicked)
	assert.Empty(t, ft.Errors())
	assert.Contains(t, ft.Logs(), "/tmp/a")
}

func TestWarnLogs(t *testing.T) {
	t.Setenv(variable, "warn")
	j, sys, _ := newFakeJudge()
	ft := covered(j, func() { sys.Open(4, 101, "/tmp/a") })
	assert.Empty(t, ft.Errors())
	assert.Contains(t, ft.Logs(), "TestFake leaked 1")
}

func TestOffLooksAtNothing(t *testing.T) {
	t.Setenv(variable, "off")
	j, sys, _ := newFakeJudge()
	ft := covered(j, func() { sys.Open(4, 101, "/tmp/a") })
	assert.Empty(t, ft.Errors()+ft.Logs())
	assert.False(t, j.known, "no census was taken")
}

func TestTrackedObjectsOfATest(t *testing.T) {
	tr := NewTracker()
	j := newJudge(new(fakes.System), clock.Real, tr)
	kept := new(handle)
	ft := covered(j, func() {
		require.NoError(t, tr.Track(kept, "kept", "lease"))
		require.NoError(t, tr.Track(new(handle), "dropped", "lease"))
		require.NoError(t, tr.Track(new([64]byte), "forgotten", "buffer"))
	}, Grace(0))
	assert.Contains(t, ft.Errors(), "kept   held")
	assert.Contains(t, ft.Errors(), "dropped   lost")
	assert.NotContains(t, ft.Errors(), "forgotten", "without a Close it is simply gone")
	runtime.KeepAlive(kept)
}

func TestTrackedObjectsThatNeedNoCloseAreNotWaitedFor(t *testing.T) {
	tr := NewTracker()
	j := newJudge(new(fakes.System), clock.Real, tr)
	began := clock.Now()
	ft := covered(j, func() { require.NoError(t, tr.Track(new([64]byte), "forgotten", "buffer")) }, Grace(time.Hour))
	assert.Empty(t, ft.Errors())
	assert.Less(t, time.Duration(clock.Now()-began), time.Minute)
}

func TestGoroutineOfATest(t *testing.T) {
	j, _, _ := newFakeJudge()
	j.clock = clock.Real
	stop := make(chan struct{})
	defer close(stop)
	ft := covered(j, func() {
		go func() { go park(stop) }()
	}, Grace(0))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 goroutine")
	assert.Contains(t, ft.Errors(), "leakcheck.park [chan receive]")
}

func park(stop chan struct{}) { <-stop }

func TestMappingsOfATest(t *testing.T) {
	j, sys, _ := newFakeJudge()
	j.clock = clock.Real
	mapped := process.Mapping{Start: 0x1000, End: 0x3000, Dev: 1, Ino: 2, Perms: "r--s", Path: "/tmp/map"}
	sys.Map(process.Mapping{Start: 0x9000, End: 0xa000, Dev: 1, Ino: 3, Path: "/tmp/before"})
	ft := covered(j, func() { sys.Map(mapped) }, Mappings(), Grace(0))
	assert.Contains(t, ft.Errors(), "TestFake leaked 1: 1 mapping")
	assert.Contains(t, ft.Errors(), "/tmp/map   8192 bytes at 0x1000, r--s")
}

func TestIgnoreIsNotCalledForWhatCloses(t *testing.T) {
	j, sys, clk := newFakeJudge()
	asked := false
	covered(j, func() {
		k := sys.Open(4, 101, "/tmp/a")
		clk.OnSleep = func(time.Duration) { sys.Close(k) }
	}, Ignore(func(Leak) bool { asked = true; return false }))
	assert.False(t, asked)
}

func TestAcceptedPathsAreNotWaitedFor(t *testing.T) {
	j, sys, clk := newFakeJudge()
	ft := covered(j, func() { sys.Open(4, 101, "/var/log/app.log") }, IgnorePath("*.log"))
	assert.Empty(t, ft.Errors())
	assert.Zero(t, clk.Slept())
}

func TestMergeProcesses(t *testing.T) {
	merged := mergeProcesses([]Leak{
		{Kind: "pidfd", FD: 9, pid: 42}, {Kind: "process", FD: -1, Detail: "pid 42, running", pid: 42}, {Kind: "pidfd", FD: 10, pid: 43},
	})
	if assert.Len(t, merged, 2) {
		assert.Equal(t, "pid 42, running, pidfd is fd 9", merged[0].Detail)
		assert.Equal(t, 10, merged[1].FD)
	}
}
