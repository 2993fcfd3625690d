package process

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// start runs a command that is killed and waited for at the end of the test.
func start(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// untilExited blocks until the process can be waited for, and leaves that to
// somebody else.
func untilExited(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			require.NoError(t, err)
			return
		}
	}
}

func children(t *testing.T) []Child {
	t.Helper()
	cs, err := Children()
	require.NoError(t, err)
	return cs
}

// only returns the one child that has come since before.
func only(t *testing.T, before []Child) Child {
	t.Helper()
	fresh := DiffChildren(before, children(t))
	require.Len(t, fresh, 1)
	return fresh[0]
}

func TestARunningChild(t *testing.T) {
	before := children(t)
	asked := time.Now()
	cmd := start(t, "sleep", "60")
	assert.True(t, HasChildren())

	c := only(t, before)
	assert.Equal(t, cmd.Process.Pid, c.PID)
	untilArguments(t, c)
	info := c.Describe()
	assert.Equal(t, "sleep 60", info.Command)
	assert.Equal(t, Running, info.State)
	assert.True(t, info.Started)
	assert.LessOrEqual(t, info.Age, time.Since(asked)+2*tick)

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	assert.Equal(t, before, children(t))
	info = c.Describe()
	assert.Equal(t, Gone, info.State)
	assert.Empty(t, info.Command)
}

func TestAnExitedChildKeepsItsStatus(t *testing.T) {
	before := children(t)
	cmd := start(t, "sh", "-c", "exit 7")
	untilExited(t, cmd)

	assert.True(t, HasChildren())
	c := only(t, before)
	info := c.Describe()
	assert.Equal(t, "sh", info.Command)
	assert.Equal(t, Exited, info.State)

	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit, "somebody else has waited for the child")
	assert.Equal(t, 7, exit.ExitCode())
}

func TestHasChildrenAnswersNo(t *testing.T) {
	require.Empty(t, children(t), "another test left a child")
	assert.False(t, HasChildren())
	cmd := start(t, "true")
	assert.True(t, HasChildren())
	require.NoError(t, cmd.Wait())
	assert.False(t, HasChildren())
}

func TestAStoppedChild(t *testing.T) {
	before := children(t)
	cmd := start(t, "sleep", "60")
	require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			require.NoError(t, err)
			break
		}
	}
	assert.Equal(t, Stopped, only(t, before).Describe().State)
}

func TestGrandchildrenAreNotCounted(t *testing.T) {
	before := children(t)
	cmd := exec.Command("sh", "-c", "sleep 60 & echo $!; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	grandchild, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)

	s, err := readStat(grandchild)
	require.NoError(t, err)
	require.Equal(t, cmd.Process.Pid, s.ppid)
	assert.Equal(t, cmd.Process.Pid, only(t, before).PID)
}

// untilArguments waits until the kernel shows the arguments of a child that
// stays: Start returns when exec(2) closes its pipe, a moment before that.
func untilArguments(t *testing.T, c Child) {
	t.Helper()
	for text := []byte(nil); len(text) == 0; {
		var err error
		text, err = os.ReadFile(procPath(c.PID, "cmdline"))
		require.NoError(t, err)
	}
}

func TestAChildWithAnOddName(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	odd := filepath.Join(t.TempDir(), "a) R 1 (b c")
	require.NoError(t, os.Symlink(sleep, odd))
	before := children(t)
	cmd := start(t, odd, "60")

	c := only(t, before)
	untilArguments(t, c)
	assert.Equal(t, strconv.Quote(odd)+" 60", c.Describe().Command)
	require.NoError(t, cmd.Process.Kill())
	untilExited(t, cmd)
	info := c.Describe()
	assert.Equal(t, "a) R 1 (b c", info.Command, "a zombie has no command line, only a name")
	assert.Equal(t, Exited, info.State)
}

// A Go program forks from whatever thread it is on, and a thread that ends
// passes its children on.
func TestChildrenOfEveryThread(t *testing.T) {
	before := children(t)
	var started sync.WaitGroup
	for range 8 {
		started.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			start(t, "sleep", "60")
		})
	}
	started.Wait()
	fresh := DiffChildren(before, children(t))
	assert.Len(t, fresh, 8)
	assert.IsIncreasing(t, pidsOf(fresh))

	scanned, err := pidsFromScan()
	require.NoError(t, err)
	listed, err := pidsFromTasks()
	require.NoError(t, err)
	assert.Equal(t, listed, scanned, "a kernel without children files gives the same list")
}

func pidsOf(cs []Child) []int {
	var pids []int
	for _, c := range cs {
		pids = append(pids, c.PID)
	}
	return pids
}

func TestAReusedPIDIsAnotherChild(t *testing.T) {
	cmd := start(t, "sleep", "60")
	s, err := readStat(cmd.Process.Pid)
	require.NoError(t, err)
	other := Child{PID: cmd.Process.Pid, Start: s.start - 1}
	assert.Equal(t, Gone, other.Describe().State)
}

// At the limit of descriptors nothing can be listed, and the error says what
// to do; whether there are children is answered all the same.
func TestWithoutADescriptor(t *testing.T) {
	start(t, "sleep", "60")
	exhaust(t)
	assert.True(t, HasChildren())
	_, err := Children()
	assert.ErrorIs(t, err, syscall.EMFILE)
	assert.ErrorContains(t, err, "listing the child processes of this process: open /proc/self/task: ")
	assert.ErrorContains(t, err, "ulimit -n")
	_, err = Mappings()
	assert.ErrorIs(t, err, syscall.EMFILE)
	assert.ErrorContains(t, err, "listing the file mappings of this process: open /proc/self/maps: ")
}

// exhaust lets this process open nothing more until the test ends.
func exhaust(t *testing.T) {
	var limit unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	low := limit
	low.Cur = 0
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
	t.Cleanup(func() { assert.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)) })
}

func TestAdvice(t *testing.T) {
	assert.Contains(t, advice(&fs.PathError{Op: "open", Path: "/proc", Err: unix.ENOENT}), "mount procfs")
	assert.Contains(t, advice(unix.EACCES), "allow")
}

func BenchmarkHasChildren(b *testing.B) {
	for b.Loop() {
		HasChildren()
	}
}

func BenchmarkChildren(b *testing.B) {
	for b.Loop() {
		_, _ = Children()
	}
}
