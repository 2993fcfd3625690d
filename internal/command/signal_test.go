//go:build unix

package command

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowGo stands in for the go command. It says when its test has begun, and
// waits until its standard input is closed or a signal ends it.
const slowGo = `#!/bin/sh
case $1 in
env)
	echo '{"GOVERSION": "go1.26.8", "GOMOD": "/m/go.mod"}' ;;
test)
	trap 'echo interrupted; exit 3' INT
	echo '{"package":"example.com/m","report":{"subject":"TestA","total":1,"leaks":[{"kind":"file","owner":"TestA"}]}}' >$LEAKCHECK_DIR/1.jsonl
	echo begun
	read line ;;
esac
`

// A slowRun is a leakcheck command that is running the tests.
type slowRun struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr bytes.Buffer
	cache  string
}

func startSlowRun(t *testing.T, wrapper ...string) *slowRun {
	t.Helper()
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(slowGo), 0o777))
	r := &slowRun{cache: t.TempDir()}
	args := append(wrapper, "leakcheck", "test")
	r.cmd = exec.Command(args[0], args[1:]...)
	r.cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), cacheVariable+"="+r.cache)
	r.cmd.Stderr = &r.stderr
	// The fake go command holds both ends of its standard input, so that it
	// waits for as long as nobody ends it.
	in, hold, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { in.Close(); hold.Close() })
	r.cmd.Stdin = in
	out, err := r.cmd.StdoutPipe()
	require.NoError(t, err)
	r.stdout = bufio.NewReader(out)
	require.NoError(t, r.cmd.Start())
	t.Cleanup(func() { hold.Close(); _ = r.cmd.Process.Kill() })
	line, err := r.stdout.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "begun\n", line)
	return r
}

// end waits for the command and returns what it printed and its exit code.
func (r *slowRun) end(t *testing.T) (stdout string, code int) {
	t.Helper()
	line, _ := r.stdout.ReadString('\n')
	_ = r.cmd.Wait()
	return line, r.cmd.ProcessState.ExitCode()
}

const leftByTheTest = "leakcheck: 1 leak in 1 test of 1 package: 1 file\n  ×1  file  line not known    TestA\n"

func TestSignalsArePassedOn(t *testing.T) {
	t.Run("go test ends by itself", func(t *testing.T) {
		r := startSlowRun(t)
		require.NoError(t, r.cmd.Process.Signal(syscall.SIGINT))
		stdout, code := r.end(t)
		assert.Equal(t, "interrupted\n", stdout)
		assert.Equal(t, 3, code)
		assert.Equal(t, leftByTheTest, r.stderr.String())
		assert.Equal(t, []string{"overlay.json"}, names(t, r.cache))
	})
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run("go test dies of "+sig.String(), func(t *testing.T) {
			if signal.Ignored(sig) {
				t.Skip("whoever started the test ignores it, as nohup does")
			}
			r := startSlowRun(t)
			require.NoError(t, r.cmd.Process.Signal(sig))
			_, code := r.end(t)
			assert.Equal(t, 128+int(sig), code)
			assert.Equal(t, leftByTheTest, r.stderr.String())
			assert.Equal(t, []string{"overlay.json"}, names(t, r.cache))
		})
	}
}

func TestIgnoredSignalsStayIgnored(t *testing.T) {
	r := startSlowRun(t, "sh", "-c", `trap "" HUP; exec "$@"`, "sh")
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGHUP))
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGINT))
	stdout, code := r.end(t)
	assert.Equal(t, "interrupted\n", stdout)
	assert.Equal(t, 3, code)
}

func TestRelayedHasNothingIgnored(t *testing.T) {
	assert.Contains(t, relayed(), os.Signal(syscall.SIGTERM))
}
