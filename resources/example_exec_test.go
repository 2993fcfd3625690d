//go:build unix

package resources_test

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"syscall"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleCommand() {
	out, err := resources.Command("echo", "hello").Output()
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// hello
	// <nil>
}

// A command that was killed is still to be waited for.
func ExampleCommandContext() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := resources.CommandContext(ctx, "sleep", "60")
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	cancel()
	fmt.Println(c.Wait())
	// Output: signal: killed
}

func ExampleWrapCommand() {
	tracker := leakcheck.NewTracker()
	c := resources.WrapCommand(exec.Command("cat"), resources.WithTracker(tracker), resources.WithName("encoder"))
	stdin, err := c.StdinPipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	for _, info := range tracker.Live() {
		fmt.Println(info.Kind, info.Name)
	}
	stdin.Close()
	fmt.Println(c.Wait(), tracker.Len())
	// Output:
	// process encoder
	// <nil> 0
}

func ExampleCmd_CombinedOutput() {
	out, err := resources.Command("sh", "-c", "echo no such order >&2; exit 2").CombinedOutput()
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// no such order
	// exit status 2
}

func ExampleCmd_StdoutPipe() {
	c := resources.Command("echo", "hello")
	stdout, err := c.StdoutPipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(stdout) // all of it, before Wait closes the pipe
	fmt.Printf("%s%v\n", text, err)
	fmt.Println(c.Wait())
	// Output:
	// hello
	// <nil>
	// <nil>
}

// A program that reaps all its children in one place, as the first process of a
// container does, releases those that it starts.
func ExampleCmd_Release() {
	tracker := leakcheck.NewTracker()
	c := resources.WrapCommand(exec.Command("true"), resources.WithTracker(tracker))
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	pid := c.Process.Pid
	fmt.Println(c.Release(), tracker.Len())

	reaped, err := syscall.Wait4(pid, nil, 0, nil)
	fmt.Println(reaped == pid, err)
	// Output:
	// <nil> 0
	// true <nil>
}
