//go:build unix

package resources_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trackedCommand returns a command in a tracker of its own.
func trackedCommand(name string, args ...string) (*leakcheck.Tracker, *resources.Cmd) {
	tr := leakcheck.NewTracker()
	return tr, resources.WrapCommand(exec.Command(name, args...), resources.WithTracker(tr))
}

// endCommand kills and reaps what c started.
func endCommand(t *testing.T, c *resources.Cmd) {
	t.Helper()
	require.NoError(t, c.Process.Kill())
	var exit *exec.ExitError
	require.ErrorAs(t, c.Wait(), &exit)
}

// reap waits for a process that nobody else can wait for any longer.
func reap(t *testing.T, pid int) {
	t.Helper()
	for {
		_, err := syscall.Wait4(pid, nil, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		require.NoError(t, err)
		return
	}
}

// assertOpenedHere asserts that the first call shown is in a file, or at a line
// of it.
func assertOpenedHere(t *testing.T, info leakcheck.Info, place string) {
	t.Helper()
	first, _, _ := strings.Cut(info.Stack.String(), "\n")
	assert.Contains(t, first+":", "/resources/"+place+":")
}

func TestAStartedCommandIsTrackedUntilWait(t *testing.T) {
	tr, c := trackedCommand("sleep", "60")
	require.Zero(t, tr.Len(), "nothing runs yet")
	require.NoError(t, c.Start())
	_, _, line, _ := runtime.Caller(0)

	live := tr.Live()
	require.Len(t, live, 1)
	assert.Equal(t, "process", live[0].Kind)
	assert.Equal(t, fmt.Sprintf("sleep (1 argument), pid %d", c.Process.Pid), live[0].Name)
	assertOpenedHere(t, live[0], fmt.Sprintf("exec_test.go:%d", line-1))
	assert.Equal(t, 1, tr.Report().ByKind["process"])

	require.NoError(t, c.Process.Kill())
	assert.Equal(t, 1, tr.Len(), "killed is not waited for")
	var exit *exec.ExitError
	assert.ErrorAs(t, c.Wait(), &exit)
	assert.Zero(t, tr.Len())
}

func TestTheNameOfAProcessKeepsSecrets(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "true, pid "},
		{[]string{"--token=secret"}, "true (1 argument), pid "},
		{[]string{"--token", "secret"}, "true (2 arguments), pid "},
	} {
		tr, c := trackedCommand("true", test.args...)
		require.NoError(t, c.Start())
		live := tr.Live()
		require.NoError(t, c.Wait())
		require.Len(t, live, 1)
		assert.Equal(t, fmt.Sprint(test.want, c.Process.Pid), live[0].Name)
		assert.NotContains(t, live[0].Name, "secret")
	}
}

func TestAProcessMayHaveAName(t *testing.T) {
	tr := leakcheck.NewTracker()
	c := resources.WrapCommand(exec.Command("cat"), resources.WithTracker(tr), resources.WithName("encoder"))
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	require.Equal(t, 1, tr.Len())
	assert.Equal(t, "encoder", tr.Live()[0].Name)
	require.NoError(t, stdin.Close())
	require.NoError(t, c.Wait())
	assert.Zero(t, tr.Len())
}

func TestCommandIsKnownToTheDefaultTracker(t *testing.T) {
	for name, c := range map[string]*resources.Cmd{
		"Command":        resources.Command("sleep", "60"),
		"CommandContext": resources.CommandContext(t.Context(), "sleep", "60"),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.Start())
			title := fmt.Sprintf("sleep (1 argument), pid %d", c.Process.Pid)
			assert.Contains(t, titles(leakcheck.DefaultTracker()), title)
			endCommand(t, c)
			assert.NotContains(t, titles(leakcheck.DefaultTracker()), title)
		})
	}
}

func titles(tr *leakcheck.Tracker) (all []string) {
	for _, info := range tr.Live() {
		all = append(all, info.Name)
	}
	return all
}

func TestACommandThatDoesNotStartIsNotTracked(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		command *exec.Cmd
		is      error
		says    string
	}{
		"not found":     {exec.Command("leakcheck-no-such-program"), exec.ErrNotFound, "leakcheck-no-such-program"},
		"missing":       {exec.Command(missing), fs.ErrNotExist, missing},
		"a directory":   {exec.Command(filepath.Dir(missing)), fs.ErrPermission, filepath.Dir(missing)},
		"cancelled":     {exec.CommandContext(cancelled, "true"), context.Canceled, "canceled"},
		"nil":           {nil, nil, "resources: wrapping a command: it is nil; pass what exec.Command returned"},
		"without Path":  {&exec.Cmd{}, nil, "exec: no command"},
		"input missing": {&exec.Cmd{Path: "/bin/sh", Dir: missing}, fs.ErrNotExist, missing},
	} {
		for method, start := range map[string]func(*resources.Cmd) error{
			"Start":          (*resources.Cmd).Start,
			"Run":            (*resources.Cmd).Run,
			"Output":         func(c *resources.Cmd) error { _, err := c.Output(); return err },
			"CombinedOutput": func(c *resources.Cmd) error { _, err := c.CombinedOutput(); return err },
		} {
			t.Run(name+"/"+method, func(t *testing.T) {
				tr := leakcheck.NewTracker()
				command := test.command
				if command != nil {
					again := *command // a Cmd starts once
					command = &again
				}
				c := resources.WrapCommand(command, resources.WithTracker(tr))
				err := start(c)
				assert.ErrorContains(t, err, test.says)
				if test.is != nil {
					assert.ErrorIs(t, err, test.is)
				}
				assert.Zero(t, tr.Len())
				assert.EqualError(t, c.Wait(), "exec: not started")
				assert.ErrorContains(t, c.Release(), "call Start first")
			})
		}
	}
}

func TestCommandContextWithoutAContext(t *testing.T) {
	var none context.Context
	before := leakcheck.DefaultTracker().Len()
	c := resources.CommandContext(none, "true")
	assert.EqualError(t, c.Run(), "resources: making the command true: the context is nil; pass one, or use Command")
	assert.Equal(t, before, leakcheck.DefaultTracker().Len())
}

func TestASecondStartTracksNothing(t *testing.T) {
	tr, c := trackedCommand("sleep", "60")
	require.NoError(t, c.Start())
	assert.EqualError(t, c.Start(), "exec: already started")
	assert.Equal(t, 1, tr.Len())
	endCommand(t, c)
	assert.Zero(t, tr.Len())
}

func TestASecondWaitReturnsTheErrorOfExec(t *testing.T) {
	tr, c := trackedCommand("true")
	require.NoError(t, c.Start())
	require.NoError(t, c.Wait())
	assert.EqualError(t, c.Wait(), "exec: Wait was already called")
	assert.Zero(t, tr.Len())
}

// whileRunning calls run, which ends when the command's input does, and returns
// what was tracked meanwhile.
func whileRunning(t *testing.T, tr *leakcheck.Tracker, c *resources.Cmd, run func()) (live []leakcheck.Info) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	c.Stdin = r
	done := make(chan struct{})
	go func() {
		defer close(done)
		run()
	}()
	assert.Eventually(t, func() bool { return tr.Len() > 0 }, 20*time.Second, time.Millisecond)
	live = tr.Live()
	require.NoError(t, w.Close())
	<-done
	return live
}

func TestRunAndTheOutputsTrackTheProcessOnce(t *testing.T) {
	const script = "echo out; echo err >&2; cat; exit 3"
	var (
		output []byte
		err    error
	)
	for _, test := range []struct {
		method string
		run    func(*resources.Cmd)
		output string
		stderr string
	}{
		{"Run", func(c *resources.Cmd) { err = c.Run() }, "", ""},
		{"Output", func(c *resources.Cmd) { output, err = c.Output() }, "out\n", "err\n"},
		{"CombinedOutput", func(c *resources.Cmd) { output, err = c.CombinedOutput() }, "out\nerr\n", ""},
	} {
		t.Run(test.method, func(t *testing.T) {
			tr, c := trackedCommand("sh", "-c", script)
			output, err = nil, nil
			live := whileRunning(t, tr, c, func() { test.run(c) })
			require.Len(t, live, 1)
			assert.Equal(t, fmt.Sprintf("sh (2 arguments), pid %d", c.ProcessState.Pid()), live[0].Name)
			assertOpenedHere(t, live[0], "exec_test.go")
			assert.Zero(t, tr.Len())

			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, 3, exit.ExitCode())
			assert.Equal(t, test.output, string(output))
			assert.Equal(t, test.stderr, string(exit.Stderr))
		})
	}
}

func TestOutputKeepsTheStderrThatExecKeeps(t *testing.T) {
	for _, size := range []int{0, 1, 32 << 10, 32<<10 + 1, 64 << 10, 64<<10 + 1, 96 << 10, 1 << 20} {
		script := fmt.Sprintf("yes 0123456 | head -c %d >&2; exit 1", size)
		_, err := exec.Command("sh", "-c", script).Output()
		var want, got *exec.ExitError
		require.ErrorAs(t, err, &want)

		tr, c := trackedCommand("sh", "-c", script)
		_, err = c.Output()
		require.ErrorAs(t, err, &got)
		assert.Equal(t, string(want.Stderr), string(got.Stderr), "%d bytes", size)
		assert.Zero(t, tr.Len())
	}
}

func TestOutputLeavesAStderrThatIsSet(t *testing.T) {
	tr, c := trackedCommand("sh", "-c", "echo out; echo err >&2; exit 1")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, "out\n", string(out))
	assert.Equal(t, "err\n", stderr.String())
	assert.Empty(t, exit.Stderr)
	assert.Zero(t, tr.Len())
}

func TestTheOutputsRefuseWhatExecRefuses(t *testing.T) {
	tr, c := trackedCommand("true")
	c.Stdout = io.Discard
	_, err := c.Output()
	assert.EqualError(t, err, "exec: Stdout already set")
	_, err = c.CombinedOutput()
	assert.EqualError(t, err, "exec: Stdout already set")
	c.Stdout, c.Stderr = nil, io.Discard
	_, err = c.CombinedOutput()
	assert.EqualError(t, err, "exec: Stderr already set")
	assert.Nil(t, c.Process)
	assert.Zero(t, tr.Len())
}

func TestPipesWorkAsInExec(t *testing.T) {
	tr, c := trackedCommand("cat")
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())

	_, err = io.WriteString(stdin, "ping\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "ping\n", line)
	require.NoError(t, stdin.Close())
	rest, err := io.ReadAll(stdout)
	require.NoError(t, err)
	assert.Empty(t, rest)
	assert.Equal(t, 1, tr.Len(), "that it has exited is not enough")

	require.NoError(t, c.Wait())
	assert.Zero(t, tr.Len())
	_, err = stdout.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrClosed, "Wait closes the pipe")
}

// A failing writer makes Wait fail though the process ended well.
func TestAWaitThatFailsEndsTheTracking(t *testing.T) {
	tr, c := trackedCommand("echo", "out")
	broken := errors.New("disk full")
	c.Stdout = writerFunc(func([]byte) (int, error) { return 0, broken })
	require.NoError(t, c.Start())
	assert.ErrorIs(t, c.Wait(), broken)
	assert.Zero(t, tr.Len())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestACancelledCommandIsTrackedUntilWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tr := leakcheck.NewTracker()
	c := resources.WrapCommand(exec.CommandContext(ctx, "cat"), resources.WithTracker(tr))
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())

	cancel()
	_, err = io.ReadAll(stdout) // ends with the process
	require.NoError(t, err)
	assert.Equal(t, 1, tr.Len())
	assert.ErrorContains(t, c.Wait(), "killed")
	assert.Zero(t, tr.Len())
}

func TestCancelAndWaitDelay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tr := leakcheck.NewTracker()
	c := resources.WrapCommand(exec.CommandContext(ctx, "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"), resources.WithTracker(tr))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	asked := false
	c.Cancel = func() error {
		asked = true
		return c.Process.Signal(syscall.SIGTERM)
	}
	c.WaitDelay = 50 * time.Millisecond
	ready := make(chan struct{})
	c.Stdout = writerFunc(func(p []byte) (int, error) { close(ready); return len(p), nil })
	require.NoError(t, c.Start())
	defer syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // the sleep that sh leaves behind
	<-ready

	cancel()
	assert.ErrorContains(t, c.Wait(), "killed", "the sleep that still has the pipe does not hold Wait up")
	assert.True(t, asked)
	assert.Zero(t, tr.Len())
}

func TestWaitAfterTheProcessWasWaitedForDirectly(t *testing.T) {
	tr, c := trackedCommand("true")
	require.NoError(t, c.Start())
	_, err := c.Process.Wait()
	require.NoError(t, err)
	assert.Equal(t, 1, tr.Len())
	assert.Error(t, c.Wait())
	assert.Zero(t, tr.Len())
}

func TestReleaseEndsTheTracking(t *testing.T) {
	tr, c := trackedCommand("true")
	require.NoError(t, c.Start())
	pid := c.Process.Pid
	require.NoError(t, c.Release())
	assert.Zero(t, tr.Len())
	assert.Error(t, c.Wait(), "as after Process.Release")
	assert.Zero(t, tr.Len())
	reap(t, pid)
}

// lostProcesses returns the names of what tr loses, as they come.
func lostProcesses(tr *leakcheck.Tracker) func() []string {
	var (
		mu   sync.Mutex
		lost []string
	)
	tr.OnLost(func(info leakcheck.Info) {
		mu.Lock()
		defer mu.Unlock()
		lost = append(lost, info.Name)
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, lost...)
	}
}

// dropCommand starts a command and keeps nothing of it but the PID.
//
//go:noinline
func dropCommand(t *testing.T, tr *leakcheck.Tracker, name string, prepare, then func(*resources.Cmd)) int {
	c := resources.WrapCommand(exec.Command("true"), resources.WithTracker(tr), resources.WithName(name))
	prepare(c)
	require.NoError(t, c.Start())
	pid := c.Process.Pid
	then(c)
	return pid
}

func asItIs(*resources.Cmd) {}

func TestADroppedCommandIsLost(t *testing.T) {
	tr := leakcheck.NewTracker()
	lost := lostProcesses(tr)
	pid := dropCommand(t, tr, "dropped", asItIs, asItIs)
	collectUntil(t, func() bool { return len(lost()) > 0 }, "the dropped command")
	assert.Equal(t, []string{"dropped"}, lost())
	assert.Zero(t, tr.Len())
	reap(t, pid)
}

func TestACommandWhoseCancelRefersToItIsLost(t *testing.T) {
	tr := leakcheck.NewTracker()
	lost := lostProcesses(tr)
	pid := dropCommand(t, tr, "circle", func(c *resources.Cmd) {
		c.Cmd = exec.CommandContext(context.Background(), "true")
		c.Cancel = func() error { return c.Process.Kill() }
	}, asItIs)
	collectUntil(t, func() bool { return len(lost()) > 0 }, "the command in a circle")
	assert.Equal(t, []string{"circle"}, lost())
	reap(t, pid)
}

// What ended otherwise leaves the tracker in silence. The command that is lost
// after it proves that it was looked for long enough.
func TestADroppedCommandThatEndedIsNotLost(t *testing.T) {
	for name, end := range map[string]func(*resources.Cmd) error{
		"Process.Wait":    func(c *resources.Cmd) error { _, err := c.Process.Wait(); return err },
		"Process.Release": func(c *resources.Cmd) error { return c.Process.Release() },
		"Cmd.Cmd.Wait":    func(c *resources.Cmd) error { return c.Cmd.Wait() },
		"Cmd.Wait":        (*resources.Cmd).Wait,
		"Cmd.Release":     (*resources.Cmd).Release,
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			lost := lostProcesses(tr)
			pid := dropCommand(t, tr, "ended", asItIs, func(c *resources.Cmd) { require.NoError(t, end(c)) })
			collectUntil(t, func() bool { return tr.Len() == 0 }, "the command that ended")
			dropped := dropCommand(t, tr, "dropped", asItIs, asItIs)
			collectUntil(t, func() bool { return len(lost()) > 0 }, "the dropped command")
			assert.Equal(t, []string{"dropped"}, lost())
			reap(t, dropped)
			if strings.HasSuffix(name, "Release") {
				reap(t, pid)
			}
		})
	}
}

func TestWrapCommandTracksWhatRunsAlready(t *testing.T) {
	tr := leakcheck.NewTracker()
	plain := exec.Command("sleep", "60")
	require.NoError(t, plain.Start())
	c := resources.WrapCommand(plain, resources.WithTracker(tr))
	require.Equal(t, 1, tr.Len())
	assertOpenedHere(t, tr.Live()[0], "exec_test.go")
	endCommand(t, c)
	assert.Zero(t, tr.Len())

	resources.WrapCommand(plain, resources.WithTracker(tr))
	assert.Zero(t, tr.Len(), "it was waited for")
}

func TestCommandsWithTrackingSwitchedOff(t *testing.T) {
	defer resources.SetTracking(true)
	resources.SetTracking(false)
	tr, c := trackedCommand("sleep", "60")
	require.NoError(t, c.Start())
	assert.Zero(t, tr.Len())
	resources.SetTracking(true)
	endCommand(t, c)
	assert.Zero(t, tr.Len())

	tr, c = trackedCommand("sleep", "60")
	require.NoError(t, c.Start())
	require.Equal(t, 1, tr.Len())
	resources.SetTracking(false)
	endCommand(t, c)
	assert.Zero(t, tr.Len(), "what was tracked leaves also while it is off")
}

func TestManyCommandsAtOnce(t *testing.T) {
	tr := leakcheck.NewTracker()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				c := resources.WrapCommand(exec.Command("echo", "out"), resources.WithTracker(tr))
				out, err := c.Output()
				assert.NoError(t, err)
				assert.Equal(t, "out\n", string(out))
			}
		})
	}
	all.Wait()
	assert.Zero(t, tr.Len())
}
