//go:build leakcheck_attached

package leakcheck

import (
	"encoding/json"
	"errors"
	"flag"
	"time"
)

// program is how a leakcheck package that the tested program itself imports
// finds this one: see linked.go.
type program struct{}

func init() { flag.Var(program{}, "test.leakcheck", "reserved: set by leakcheck test") }

// String and Set make program a flag.Value, which nobody is to set.
func (program) String() string { return "" }

func (program) Set(string) error {
	return errors.New("it cannot be set: see leakcheck test -h")
}

func (program) Track(ptr any, name, kind string, skip int) error {
	e, err := standard.enter(ptr, name, kind, skip+1)
	if err == nil {
		e.flags.Or(flagTold)
	}
	return err
}

func (program) TrackDescriptor(ptr any, fd int, name, kind string, skip int) error {
	return standard.trackDescriptor(ptr, fd, name, kind, skip+1)
}

func (program) TrackProcess(ptr any, pid int, name, kind string, skip int) error {
	return standard.trackProcess(ptr, pid, name, kind, skip+1)
}

func (program) Untrack(ptr any) { standard.Untrack(ptr) }

func (program) Accept(all bool, grace time.Duration, allowLost bool, ignore func([]byte) bool) {
	addOptions(all, optionFunc(func(c *config) {
		if grace >= 0 {
			c.grace = grace
		}
		c.allowLost = c.allowLost || allowLost
		c.ignore = append(c.ignore, func(l Leak) bool {
			text, err := json.Marshal(l)
			return err == nil && ignore(text)
		})
	}))
}

func (program) Present() any { return self.presence() }

func (program) AcceptPresent(all bool, now any) {
	if p, ok := now.(*presence); ok {
		addOptions(all, optionFunc(func(c *config) { c.present = append(c.present, p) }))
	}
}

// addOptions adds to the options of the test that the calling goroutine works
// for, or of all tests.
func addOptions(all bool, o Option) {
	if all {
		tested.mu.Lock()
		defer tested.mu.Unlock()
		tested.opts = append(tested.opts, o)
		return
	}
	if w := self.windowOf(nil); w != nil {
		w.add([]Option{o})
	}
}
