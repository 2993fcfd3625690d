package leakcheck

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// mode is what the environment says to do with a leak.
type mode string

const (
	modeOff  mode = "off"  // look at nothing
	modeWarn mode = "warn" // list, and let the test pass
	modeFail mode = "fail"
)

// fromEnvironment reads the variable LEAKCHECK into c: a mode, settings, or a
// mode followed by settings, separated by commas. What it cannot read is an
// error of the verdict; the rest of the line still counts.
//
// It is read at every verdict rather than once at start, so that the go
// command sees the dependency and does not answer from its test cache when
// the variable has changed.
func fromEnvironment(c *config) {
	line := os.Getenv(variable)
	for i, word := range strings.Split(line, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		if err := setting(c, word, i == 0); err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s=%s: %w", variable, line, err))
		}
	}
}

func setting(c *config, word string, first bool) error {
	name, value, hasValue := strings.Cut(word, "=")
	switch m := mode(word); {
	case m == modeOff || m == modeWarn || m == modeFail:
		if !first {
			return fmt.Errorf("%q must come first", word)
		}
		c.mode = m
	case name == "grace" && hasValue:
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return fmt.Errorf("grace=%q is not a duration: write one such as grace=500ms or grace=2s", value)
		}
		c.grace = d
	case word == "allowlost":
		c.allowLost = true
	case word == "mappings":
		c.mappings = true
	case name == "ignorekind" && hasValue:
		IgnoreKind(value).apply(c)
	case name == "ignorepath" && hasValue:
		IgnorePath(value).apply(c)
	case name == "ignorefunc" && hasValue:
		ignoreFunction(value).apply(c)
	default:
		return fmt.Errorf("unknown word %q: use off, warn or fail, then settings: grace=2s, allowlost, mappings, ignorekind=KIND, ignorepath=GLOB, ignorefunc=NAME", word)
	}
	return nil
}
