package command

import (
	"fmt"
	"strings"
)

// An invocation is a command line of leakcheck test, sorted out.
type invocation struct {
	help     bool
	settings settings
	chdir    []string // -C and its directory as they were written
	dir      string   // the directory of -C, "" without
	overlay  *string  // the user's own -overlay
	coverpkg *string  // the value of -coverpkg, which go test gets too
	verbose  bool     // go test shows what tests log that pass
	args     []string // the rest, for go test, in their order
}

// goTest is the command line of go test with an overlay file of ours in place
// of the user's. -C has to come first.
func (in invocation) goTest(overlay string) []string {
	args := append([]string{"test"}, in.chdir...)
	args = append(args, "-overlay="+overlay)
	return append(args, in.args...)
}

// parse sorts out the arguments of leakcheck test. It reads them as go test
// does, to tell flags from the values of flags and from package patterns, and
// takes out its own flags wherever they stand before -args.
func parse(args []string) (invocation, error) {
	p := parser{invocation: invocation{settings: defaults}}
	for len(args) > 0 && !p.help {
		n, err := p.next(args)
		if err != nil {
			return invocation{}, err
		}
		args = args[n:]
	}
	return p.invocation, nil
}

// A parser is where the reading of a command line stands.
type parser struct {
	invocation
	packages  bool   // a package pattern was read
	inList    bool   // the last argument was one
	listed    bool   // the list of packages has begun, even if it is empty
	stray     string // the first flag unknown to go test, where it comes before the packages
	afterFlag bool   // the last argument may be a flag that takes the next for its value
	atTests   bool   // from here on go test passes all to the tests
}

// next reads the first of args and returns how many it has dealt with.
func (p *parser) next(args []string) (int, error) {
	arg := args[0]
	if arg == "--" || arg == "-args" || arg == "--args" {
		return p.pass(args...), nil
	}
	f, ok := asFlag(arg)
	if !ok {
		return p.operand(arg)
	}
	if own, ok := strings.CutPrefix(f.name, prefix); ok {
		return p.own(own, f, args[1:])
	}
	if p.atTests {
		return p.pass(arg), nil
	}
	if f.name == "h" || f.name == "help" || f.name == "?" {
		p.help = true
		return 1, nil
	}
	p.inList, p.afterFlag = false, false
	valued, known := goTestKnows(f.name)
	if !known {
		return p.unknown(arg, f), nil
	}
	return p.known(f, valued, args), nil
}

// pass leaves arguments to go test.
func (p *parser) pass(args ...string) int {
	p.args = append(p.args, args...)
	return len(args)
}

// operand reads what is not a flag: a package pattern, or an argument of the
// tests where it cannot be one.
func (p *parser) operand(arg string) (int, error) {
	if p.listed && !p.inList {
		if p.stray != "" && looksLikePattern(arg) {
			return 0, fmt.Errorf("go test does not know %s, and takes all that follows for arguments of the tests, %s too: write flags of the tests after the packages, or after -args", p.stray, arg)
		}
		p.atTests = p.atTests || !p.afterFlag
		p.afterFlag = false
		return p.pass(arg), nil
	}
	p.packages, p.inList, p.listed = true, true, true
	return p.pass(arg), nil
}

// own reads one of the command's own flags. go test does not see it, so it
// changes nothing of how the others are read.
func (p *parser) own(name string, f flag, rest []string) (int, error) {
	valued, err := p.settings.takesValue(name)
	if err != nil {
		return 0, err
	}
	switch {
	case f.hasValue:
		return 1, p.settings.set(name, f.value)
	case !valued:
		return 1, p.settings.set(name, "true")
	case len(rest) == 0 || strings.HasPrefix(rest[0], "-"):
		return 0, fmt.Errorf("-%s%s needs a value: %s", prefix, name, allowed)
	}
	return 2, p.settings.set(name, rest[0])
}

// known reads a flag of go test, with its value where that is the next
// argument. A value that is missing is for go test to ask for.
func (p *parser) known(f flag, valued bool, args []string) int {
	n := 1
	if valued && !f.hasValue && len(args) > 1 {
		n = 2
		f.value, f.hasValue = args[1], true
	}
	switch {
	case f.name == "C" && f.hasValue && len(p.args) == 0 && p.overlay == nil && p.chdir == nil:
		p.chdir, p.dir = args[:n], f.value
		return n
	case f.name == "overlay" && f.hasValue:
		p.overlay = &f.value
		return n
	case f.name == "coverpkg" && f.hasValue:
		p.coverpkg = &f.value
	case f.makesVerbose():
		p.verbose = true
	}
	return p.pass(args[:n]...)
}

// unknown leaves a flag to the tests. go test takes it for the end of the
// packages.
func (p *parser) unknown(arg string, f flag) int {
	if !p.packages && p.stray == "" {
		p.stray = arg
	}
	p.listed, p.afterFlag = true, !f.hasValue
	return p.pass(arg)
}

// looksLikePattern reports whether an argument can hardly be anything but a
// package pattern.
func looksLikePattern(arg string) bool {
	if arg == "." || arg == ".." || strings.Contains(arg, "...") {
		return true
	}
	for _, start := range []string{"./", "../", `.\`, `..\`} {
		if strings.HasPrefix(arg, start) {
			return true
		}
	}
	return false
}
