package resources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// A Cmd is an [exec.Cmd] whose process is tracked as a "process" from Start
// until Wait. Run, Output and CombinedOutput do both. The name of the process
// is the program, the number of arguments and the PID: arguments may hold
// secrets.
//
// Call the methods of Cmd, not those of the exec.Cmd or the [os.Process] inside:
// what is waited for or released there stays in the tracker until Wait is called
// here too, or the Cmd is collected.
//
// A process that was killed is still to be waited for. A Cmd that is dropped
// before that counts as lost on Unix: its process runs on, or stays a zombie
// until this program ends.
//
// Like an exec.Cmd, a Cmd starts one process and is for one goroutine at a time.
type Cmd struct {
	*exec.Cmd
	opts  []Option
	child *child // nil if the process is not tracked
}

// Command is [exec.Command] for a tracked process. Use [WrapCommand] where
// options are needed.
func Command(name string, args ...string) *Cmd {
	return &Cmd{Cmd: exec.Command(name, args...)}
}

// CommandContext is [exec.CommandContext] for a tracked process: it is killed
// when ctx is done, and is to be waited for even so. The methods that start a
// command return an error if ctx is nil.
func CommandContext(ctx context.Context, name string, args ...string) *Cmd {
	if ctx == nil {
		c := Command(name, args...)
		c.Err = fmt.Errorf("resources: making the command %s: the context is nil; pass one, or use Command", name)
		return c
	}
	return &Cmd{Cmd: exec.CommandContext(ctx, name, args...)}
}

// WrapCommand returns a Cmd that starts c, which must no longer be used by
// itself. If c was started already, its process is tracked from here on. The
// methods that start a command return an error if c is nil.
func WrapCommand(c *exec.Cmd, opts ...Option) *Cmd {
	if c == nil {
		return &Cmd{Cmd: &exec.Cmd{Err: errors.New("resources: wrapping a command: it is nil; pass what exec.Command returned")}}
	}
	w := &Cmd{Cmd: c, opts: slices.Clone(opts)}
	if c.Process != nil && c.ProcessState == nil && tracks() {
		w.track()
	}
	return w
}

// Start is [exec.Cmd.Start]. If it fails there is nothing to wait for, and
// nothing is tracked.
func (c *Cmd) Start() error {
	if err := c.Cmd.Start(); err != nil {
		return err
	}
	if tracks() {
		c.track()
	}
	return nil
}

// Wait is [exec.Cmd.Wait]. The process is no longer tracked when it returns,
// whatever the error.
func (c *Cmd) Wait() error {
	err := c.Cmd.Wait()
	c.child.ended(err)
	return err
}

// Release is [os.Process.Release]: nobody will wait for the process. On Unix it
// stays a zombie once it has exited, until this program ends, and the verdicts
// of package leakcheck still list it as a child.
func (c *Cmd) Release() error {
	if c.Process == nil {
		return fmt.Errorf("resources: releasing the process of %s: it was not started; call Start first", c.Path)
	}
	err := c.Process.Release()
	c.child.ended(err)
	return err
}

// Run is [exec.Cmd.Run].
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// CombinedOutput is [exec.Cmd.CombinedOutput].
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil || c.Stderr != nil {
		return c.Cmd.CombinedOutput() // starts nothing and says why
	}
	var b bytes.Buffer
	c.Stdout, c.Stderr = &b, &b
	err := c.Run()
	return b.Bytes(), err
}

// Output is [exec.Cmd.Output], with the standard error in the [exec.ExitError]
// as there.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return c.Cmd.Output() // starts nothing and says why
	}
	var stdout bytes.Buffer
	c.Stdout = &stdout
	if c.Stderr != nil {
		err := c.Run()
		return stdout.Bytes(), err
	}
	var stderr excerpt
	c.Stderr = &stderr
	err := c.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		exit.Stderr = stderr.bytes()
	}
	return stdout.Bytes(), err
}

func (c *Cmd) track() {
	p := &child{process: c.Process}
	p.register(p, nowhere, c.Process.Pid, c.title(), "process", c.opts)
	if p.isTracked() {
		c.child = p
		runtime.SetFinalizer(p, (*child).reconsider)
	}
}

// title names the process without its arguments.
func (c *Cmd) title() string {
	title := filepath.Base(c.Path)
	switch n := len(c.Args) - 1; {
	case n == 1:
		title += " (1 argument)"
	case n > 1:
		title += " (" + strconv.Itoa(n) + " arguments)"
	}
	return title + ", pid " + strconv.Itoa(c.Process.Pid)
}

// A child is what is tracked of a process. It is an object apart from the Cmd,
// whose Cancel function often refers to the Cmd again: nothing in such a circle
// is ever finalized.
type child struct {
	handle
	process *os.Process
}

// Close makes a child count as lost when it is collected while tracked.
func (p *child) Close() error { return p.process.Release() }

// ended ends the tracking of p, which may be nil.
func (p *child) ended(err error) {
	if p != nil {
		p.close(p, err)
	}
}

// reconsider is the finalizer of p, and so runs before p is counted as lost. A
// process that was waited for or released by other means is not. The signal 0
// only asks, kill(2), and finds a zombie too; one that runs as another user
// refuses it. Where it is not known, as on Windows, there are no zombies.
func (p *child) reconsider() {
	if err := p.process.Signal(syscall.Signal(0)); err != nil && !errors.Is(err, os.ErrPermission) {
		p.ended(nil)
	}
}

// excerptSize is how much an [exec.ExitError] shows of either end of the
// standard error, in bytes.
const excerptSize = 32 << 10

// An excerpt keeps both ends of what is written to it.
type excerpt struct {
	head, tail []byte
	written    int
}

func (e *excerpt) Write(p []byte) (int, error) {
	e.written += len(p)
	n := min(len(p), excerptSize-len(e.head))
	e.head = append(e.head, p[:n]...)
	e.tail = append(e.tail, p[n:]...)
	if len(e.tail) > 2*excerptSize {
		e.tail = slices.Delete(e.tail, 0, len(e.tail)-excerptSize)
	}
	return len(p), nil
}

// bytes returns what was kept, as exec.Cmd.Output words it.
func (e *excerpt) bytes() []byte {
	tail := e.tail[max(0, len(e.tail)-excerptSize):]
	if omitted := e.written - len(e.head) - len(tail); omitted > 0 {
		return fmt.Appendf(e.head, "\n... omitting %d bytes ...\n%s", omitted, tail)
	}
	return append(e.head, tail...)
}
