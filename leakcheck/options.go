package leakcheck

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// DefaultGrace is how long a verdict that would fail waits for what closes by
// itself: a goroutine on its way out, a connection shutting down, a client's
// retry timer. A clean verdict never waits.
const DefaultGrace = 2 * time.Second

// An Option changes what a verdict accepts or how it is reached.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// config is the sum of the options of one verdict.
type config struct {
	mode      mode
	grace     time.Duration
	allowLost bool
	mappings  bool
	accept    []func(Leak) bool // whatever the state
	ignore    []func(Leak) bool // once the state is known
	present   []*presence
	holds     []*gcHold
	goleak    []goleakOption
	errs      []error
}

// newConfig applies opts in order, then the environment, which has the last
// word.
func newConfig(opts []Option) *config {
	c := &config{mode: modeFail, grace: DefaultGrace}
	for _, o := range opts {
		if o == nil {
			c.errs = append(c.errs, fmt.Errorf("a nil Option was passed: leave it out"))
			continue
		}
		o.apply(c)
	}
	fromEnvironment(c)
	return c
}

// release lets go of what options hold until the verdict.
func (c *config) release() {
	for _, h := range c.holds {
		h.release()
	}
}

// accepts reports whether an option ignores l whatever its state.
func (c *config) accepts(l Leak) bool {
	return slices.ContainsFunc(c.accept, func(f func(Leak) bool) bool { return f(l) })
}

// ignores reports whether any option ignores l.
func (c *config) ignores(l Leak) bool {
	if c.allowLost && l.State == Lost || c.accepts(l) {
		return true
	}
	return slices.ContainsFunc(c.ignore, func(f func(Leak) bool) bool { return f(l) })
}

// Grace sets how long a verdict that would fail waits for asynchronous
// closers; the default is [DefaultGrace]. With 0 it does not wait. A negative
// d is an error, reported by the verdict, and leaves the grace as it was.
func Grace(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d < 0 {
			c.errs = append(c.errs, fmt.Errorf("Grace(%v): a grace cannot be negative: use 0 for no waiting", d))
			return
		}
		c.grace = d
	})
}

// AllowLost accepts what is lost: open when the test ended, closed by a
// finalizer once the garbage collector ran. What is held still fails.
func AllowLost() Option {
	return optionFunc(func(c *config) { c.allowLost = true })
}

// Ignore accepts every leak for which f returns true. It is called only for
// what a verdict is about to report, and not concurrently.
func Ignore(f func(Leak) bool) Option {
	return optionFunc(func(c *config) {
		if f == nil {
			c.errs = append(c.errs, fmt.Errorf("Ignore(nil): pass a function"))
			return
		}
		c.ignore = append(c.ignore, f)
	})
}

// IgnorePath accepts files and Unix sockets whose path matches glob. The
// syntax is that of [filepath.Match]; a glob without a separator is matched
// against the base name, and one that ends in "/**" takes everything below. A
// malformed glob is an error, reported by the verdict, and accepts nothing.
func IgnorePath(glob string) Option {
	return optionFunc(func(c *config) {
		if err := checkGlob(glob); err != nil {
			c.errs = append(c.errs, err)
			return
		}
		c.accept = append(c.accept, func(l Leak) bool { return l.Path != "" && matchPath(glob, l.Path) })
	})
}

func checkGlob(glob string) error {
	if glob == "" {
		return fmt.Errorf(`IgnorePath(""): an empty glob matches nothing: use "*" for every path`)
	}
	if _, err := filepath.Match(strings.TrimSuffix(glob, "/**"), ""); err != nil {
		return fmt.Errorf("IgnorePath(%q): %w: see path/filepath.Match for the syntax", glob, err)
	}
	return nil
}

// matchPath reports whether path matches a glob that checkGlob accepted.
func matchPath(glob, path string) bool {
	if dir, ok := strings.CutSuffix(glob, "/**"); ok {
		for p := filepath.Dir(path); ; p = filepath.Dir(p) {
			if ok, _ := filepath.Match(dir, p); ok {
				return true
			}
			if p == filepath.Dir(p) {
				return dir == ""
			}
		}
	}
	if !strings.ContainsRune(glob, filepath.Separator) {
		path = filepath.Base(path)
	}
	ok, _ := filepath.Match(glob, path)
	return ok
}

// IgnoreKind accepts every leak of one of the kinds; see [Leak.Kind].
func IgnoreKind(kind ...string) Option {
	return optionFunc(func(c *config) {
		c.accept = append(c.accept, func(l Leak) bool { return slices.Contains(kind, l.Kind) })
	})
}

// ignoreFunction accepts every leak with the function, or a function literal
// inside it, on its stack. The name is as the listing prints it, or with its
// whole package path.
func ignoreFunction(name string) Option {
	return optionFunc(func(c *config) {
		c.accept = append(c.accept, func(l Leak) bool {
			return slices.ContainsFunc(l.Stack, func(f Frame) bool { return calls(f, name) })
		})
	})
}

func calls(f Frame, name string) bool {
	for _, full := range []string{f.Function, shortFunction(f)} {
		if full == name || strings.HasPrefix(full, name+".func") {
			return true
		}
	}
	return false
}

// IgnoreCurrent accepts everything that is open when IgnoreCurrent is called:
// descriptors, tracked objects, goroutines, child processes, mappings. In
//
//	defer leakcheck.VerifyNone(t, leakcheck.IgnoreCurrent())
//
// that is when the defer statement is reached, so it makes the beginning of
// the test the baseline.
func IgnoreCurrent() Option {
	now := self.presence()
	return optionFunc(func(c *config) { c.present = append(c.present, now) })
}

// HoldGC keeps the garbage collector from running by itself from when HoldGC
// is called until the verdict, so that a dropped descriptor is still there to
// be seen. An explicit [runtime.GC] still works, and memory stays bounded: the
// collector does run once the program uses holdLimit more than it did.
func HoldGC() Option {
	h := holdGC()
	return optionFunc(func(c *config) { c.holds = append(c.holds, h) })
}

// Mappings makes the verdict of each test look at file mappings too. Without
// it they are looked at once, at the end of a package under [Main], since
// reading the table of mappings costs more than all the rest of a clean
// verdict.
func Mappings() Option {
	return optionFunc(func(c *config) { c.mappings = true })
}
