//go:build unix

package resources_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	children["await signal"] = func() {
		defer resources.ReportAtExit(os.Stderr, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)()
		openForExit()
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
	}
	children["ignored signal"] = func() {
		signal.Ignore(syscall.SIGHUP)
		defer resources.ReportAtExit(os.Stderr, syscall.SIGHUP)()
		openForExit()
		_ = syscall.Kill(os.Getpid(), syscall.SIGHUP)
	}
	children["blocked writer"] = func() {
		defer resources.ReportAtExit(badWriter{func() (int, error) {
			_, _ = os.Stdout.WriteString("writing\n")
			select {}
		}}, syscall.SIGTERM)()
		openForExit()
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	children["blocked writer of two signals"] = func() {
		defer resources.ReportAtExit(badWriter{func() (int, error) {
			_, _ = os.Stdout.WriteString("writing\n")
			select {}
		}}, syscall.SIGTERM, syscall.SIGINT)()
		openForExit()
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	children["two reports"] = func() {
		defer resources.ReportAtExit(os.Stderr, syscall.SIGTERM)()
		defer resources.ReportAtExit(os.Stdout, syscall.SIGTERM)()
		openForExit()
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// A talkingChild waits for what the test does next.
type talkingChild struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	lines  *bufio.Scanner
	stderr *strings.Builder
}

func startChild(t *testing.T, name string) *talkingChild {
	t.Helper()
	cmd, _, stderr := childCommand(t, name)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	cmd.Stdout = nil
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &talkingChild{cmd, stdin, bufio.NewScanner(stdout), stderr}
}

// says waits for a line.
func (c *talkingChild) says(t *testing.T, line string) {
	t.Helper()
	require.True(t, c.lines.Scan(), "waiting for %q: %v", line, c.lines.Err())
	require.Equal(t, line, c.lines.Text())
}

// ends waits for the end, and returns what else the child said.
func (c *talkingChild) ends(t *testing.T) (syscall.WaitStatus, string) {
	t.Helper()
	var rest strings.Builder
	for c.lines.Scan() {
		rest.WriteString(c.lines.Text() + "\n")
	}
	_ = c.cmd.Wait() // a signal is no failure here
	return c.cmd.ProcessState.Sys().(syscall.WaitStatus), rest.String()
}

func TestReportAtExitOnASignal(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			c := startChild(t, "await signal")
			c.says(t, "ready")
			require.NoError(t, c.cmd.Process.Signal(s))
			status, _ := c.ends(t)
			require.True(t, status.Signaled(), "exit status %d", status.ExitStatus())
			assert.Equal(t, s, status.Signal())
			assert.Equal(t, 1, strings.Count(c.stderr.String(), leftOpen), c.stderr)
			assert.Contains(t, c.stderr.String(), "left.txt")
		})
	}
}

func TestReportAtExitWithoutTheSignal(t *testing.T) {
	t.Parallel()
	c := startChild(t, "await signal")
	c.says(t, "ready")
	require.NoError(t, c.stdin.Close())
	status, _ := c.ends(t)
	assert.True(t, status.Exited())
	assert.Zero(t, status.ExitStatus())
	assert.Equal(t, 1, strings.Count(c.stderr.String(), leftOpen), c.stderr)
}

func TestReportAtExitLeavesAnIgnoredSignal(t *testing.T) {
	t.Parallel()
	got := runChild(t, "ignored signal")
	assert.Zero(t, got.state.ExitCode())
	assert.Equal(t, 1, strings.Count(got.stderr, leftOpen), got.stderr)
}

func TestReportAtExitASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	c := startChild(t, "blocked writer")
	c.says(t, "ready")
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.says(t, "writing")
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	status, _ := c.ends(t)
	assert.True(t, status.Signaled())
	assert.Equal(t, syscall.SIGTERM, status.Signal())
	assert.NotContains(t, c.stderr.String(), "gave up", "it did not wait")
}

func TestReportAtExitASecondSignalMayBeAnother(t *testing.T) {
	t.Parallel()
	c := startChild(t, "blocked writer of two signals")
	c.says(t, "ready")
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.says(t, "writing")
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGINT))
	status, _ := c.ends(t)
	assert.True(t, status.Signaled())
	assert.Equal(t, syscall.SIGINT, status.Signal())
	assert.NotContains(t, c.stderr.String(), "gave up", "it did not wait")
}

func TestReportAtExitWritesAllReports(t *testing.T) {
	t.Parallel()
	c := startChild(t, "two reports")
	c.says(t, "ready")
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	status, rest := c.ends(t)
	assert.True(t, status.Signaled())
	assert.Contains(t, rest, leftOpen)
	assert.Contains(t, c.stderr.String(), leftOpen)
}
