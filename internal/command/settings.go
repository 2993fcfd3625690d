package command

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// prefix begins the names of all flags of the command itself, so that they are
// neither go test's nor, as those that begin with "test.", the tests'.
const prefix = "leak."

// allowed is what an error says of the flags.
const allowed = `the flags are
	-leak.mode=fail|warn
	-leak.ignore=kind=K|path=GLOB|func=NAME
	-leak.grace=DURATION
	-leak.allowlost
	-leak.report=FILE`

// settings are what the flags of the command set.
type settings struct {
	mode      string // fail or warn
	ignore    []rule
	grace     time.Duration // unset if negative
	allowLost bool
	report    string // a file, "" for none
}

// A rule accepts leaks: of a kind, of a path, with a function on the stack.
type rule struct{ by, value string }

var defaults = settings{mode: "fail", grace: -1}

// takesValue reports whether a flag, named without the prefix, takes a value.
func (settings) takesValue(name string) (bool, error) {
	switch name {
	case "mode", "ignore", "grace", "report":
		return true, nil
	case "allowlost":
		return false, nil
	}
	return false, fmt.Errorf("unknown flag -%s%s: %s", prefix, name, allowed)
}

// set sets what a flag, named without the prefix, stands for.
func (s *settings) set(name, value string) error {
	var err error
	switch name {
	case "mode":
		err = s.setMode(value)
	case "ignore":
		err = s.addRule(value)
	case "grace":
		err = s.setGrace(value)
	case "allowlost":
		err = s.setAllowLost(value)
	case "report":
		if s.report = value; value == "" {
			err = fmt.Errorf("the name of a file is missing")
		}
	}
	if err != nil {
		return fmt.Errorf("-%s%s=%s: %w", prefix, name, value, err)
	}
	return nil
}

func (s *settings) setMode(value string) error {
	if value != "fail" && value != "warn" {
		return fmt.Errorf("use fail (a test that leaks fails) or warn (it is only reported)")
	}
	s.mode = value
	return nil
}

func (s *settings) setGrace(value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return fmt.Errorf("use a duration such as 500ms or 2s")
	}
	s.grace = d
	return nil
}

func (s *settings) setAllowLost(value string) error {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("use true or false")
	}
	s.allowLost = b
	return nil
}

func (s *settings) addRule(value string) error {
	by, what, _ := strings.Cut(value, "=")
	switch by {
	case "kind", "path", "func":
	default:
		return fmt.Errorf("use kind=K, path=GLOB or func=NAME")
	}
	if what == "" {
		return fmt.Errorf("nothing follows %s=", by)
	}
	// A comma separates the settings that the tests read.
	if strings.Contains(what, ",") {
		return fmt.Errorf("a comma cannot be part of it: repeat the flag for each")
	}
	if by == "path" {
		if _, err := filepath.Match(strings.TrimSuffix(what, "/**"), ""); err != nil {
			return fmt.Errorf("%w: see go doc path/filepath.Match for the syntax", err)
		}
	}
	s.ignore = append(s.ignore, rule{by, what})
	return nil
}

// variable is the value of LEAKCHECK_TEST, which tells the tests what to do.
// It depends on nothing but the settings, so that go test finds its cached
// results again.
func (s settings) variable() string {
	words := []string{s.mode}
	if s.grace >= 0 {
		words = append(words, "grace="+s.grace.String())
	}
	if s.allowLost {
		words = append(words, "allowlost")
	}
	for _, r := range s.ignore {
		words = append(words, "ignore"+r.by+"="+r.value)
	}
	return strings.Join(words, ",")
}
