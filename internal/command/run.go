package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/go-leakcheck/leakcheck/internal/instrument"
)

// test is leakcheck test.
func test(args []string, write overlayWriter) (int, error) {
	in, err := parse(args)
	if err != nil {
		return exitFailure, err
	}
	if in.help {
		return 0, show(os.Stdout, testUsage)
	}
	p, err := prepare(in, write)
	if err != nil {
		return exitFailure, err
	}
	for _, l := range p.overlay.LeftOut {
		fmt.Fprintf(os.Stderr, "leakcheck: %s: left out with %s: %s\n", l.Probe, p.env.GOVERSION, l.Reason)
	}
	return p.run()
}

// A plan is all that has to be known to run go test.
type plan struct {
	invocation
	goCommand string
	env       goEnv
	goflags   []flag
	cache     string
	overlay   instrument.Overlay
	report    reportFile
}

// prepare finds out all that may keep go test from being run, or the outcome
// from being told.
func prepare(in invocation, write overlayWriter) (p plan, err error) {
	p.invocation = in
	if p.goCommand, err = findGo(); err != nil {
		return p, err
	}
	if p.env, err = askGo(p.goCommand, in.chdir); err != nil {
		return p, err
	}
	dir, err := filepath.Abs(in.dir)
	if err != nil {
		return p, fmt.Errorf("finding the current directory: %w", err)
	}
	if err := p.env.check(dir); err != nil {
		return p, err
	}
	p.goflags = splitGOFLAGS(p.env.GOFLAGS)
	if err := p.checkCoverage(); err != nil {
		return p, err
	}
	base, err := readOverlay(in.overlayFile(p.goflags), dir)
	if err != nil {
		return p, err
	}
	if p.report, err = openReport(in.settings.report, dir); err != nil {
		return p, err
	}
	if p.cache, err = openCache(); err != nil {
		return p, err
	}
	if p.overlay, err = write(p.cache, p.env.toolchain(), base); err != nil {
		return p, fmt.Errorf("writing the recording standard library to %s: %w", p.cache, err)
	}
	return p, nil
}

// run runs go test, tells what leaked, and returns the exit code of go test.
func (p plan) run() (int, error) {
	dir, err := newRunDir(p.cache)
	if err != nil {
		return exitFailure, err
	}
	defer dir.remove()
	ctx, done := context.WithCancel(context.Background())
	defer done()
	go dir.keep(ctx)

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, relayed()...)
	defer signal.Stop(signals)
	code, err := p.goTest(dir, signals)
	if err != nil {
		return exitFailure, err
	}
	if err := p.tell(dir, code); err != nil {
		return max(code, exitFailure), err
	}
	return code, nil
}

// goTest runs go test and returns its exit code.
func (p plan) goTest(dir runDir, signals <-chan os.Signal) (int, error) {
	goCommand := p.goCommand
	if p.overlay.GOROOT != "" {
		goCommand = filepath.Join(p.overlay.GOROOT, "bin", "go")
	}
	cmd := exec.Command(goCommand, p.invocation.goTest(p.overlay.File)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), p.variables(dir)...)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("starting go test: %w", err)
	}
	if err := wait(cmd, signals); cmd.ProcessState == nil {
		return 0, fmt.Errorf("waiting for go test: %w", err)
	}
	return exitCode(cmd.ProcessState), nil
}

// variables are those that go test has in its environment and the command has
// not.
func (p plan) variables(dir runDir) []string {
	all := []string{
		"LEAKCHECK_TEST=" + p.settings.variable(),
		"LEAKCHECK_DIR=" + dir.path,
		"LEAKCHECK_RUN=" + dir.word,
	}
	if goroot := p.overlay.GOROOT; goroot != "" {
		all = append(all, "GOROOT="+goroot, "GOTOOLCHAIN=local")
	}
	return all
}

// wait waits for go test, and passes on signals until it has ended: it decides
// what becomes of the tests. One that a terminal has sent reaches it twice,
// which makes no difference to it.
func wait(cmd *exec.Cmd, signals <-chan os.Signal) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may just have ended
		case err := <-ended:
			return err
		}
	}
}

// tell prints what leaked, and writes the report file. What cannot be read of
// what the tests reported is an error, and does not keep the rest from being
// told.
func (p plan) tell(dir runDir, code int) error {
	all, unread := readReports(dir.path)
	text := summary(all)
	if p.settings.mode == "warn" && !p.showsLogs() {
		text = listings(all) + text
	}
	return errors.Join(
		unread,
		show(os.Stderr, text),
		p.report.write(newDocument(p.env.GOVERSION, code, all)),
	)
}

// showsLogs reports whether go test shows what tests log that pass, as those
// do that are only warned.
func (p plan) showsLogs() bool {
	verbose := p.verbose
	for _, f := range p.goflags {
		verbose = verbose || f.makesVerbose()
	}
	return verbose
}
