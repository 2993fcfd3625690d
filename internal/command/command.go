package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/go-leakcheck/leakcheck/internal/instrument"
)

// exitFailure is the exit code of what the command itself cannot do. The exit
// codes of go test are passed on.
const exitFailure = 2

// errTold is an error of the go command, which has said itself what it is.
var errTold = errors.New("the go command failed")

// Main runs the command with the arguments after its name and returns the exit
// code: that of go test, or 2 when go test could not be run.
func Main(args []string) int { return run(args, instrument.Write) }

func run(args []string, write overlayWriter) int {
	code, err := dispatch(args, write)
	if err != nil && !errors.Is(err, errTold) {
		fmt.Fprintln(os.Stderr, "leakcheck:", err)
	}
	return code
}

func dispatch(args []string, write overlayWriter) (int, error) {
	if len(args) == 0 {
		return exitFailure, show(os.Stderr, usage)
	}
	switch command, rest := args[0], args[1:]; command {
	case "test":
		return test(rest, write)
	case "help", "-h", "-help", "--help":
		return help(rest)
	case "version":
		info, _ := debug.ReadBuildInfo()
		return 0, show(os.Stdout, versionLine(info))
	default:
		return exitFailure, fmt.Errorf("unknown command %q: run leakcheck help for what there is", command)
	}
}

// show prints text, and makes an error of what cannot be printed.
func show(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
