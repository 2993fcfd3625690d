package resources

import "github.com/go-leakcheck/leakcheck/leakcheck"

// An Option changes how one resource is tracked.
type Option interface{ apply(*options) }

type options struct {
	tracker *leakcheck.Tracker // nil is the default one
	name    string             // "" is what the resource is called anyway
}

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

func optionsOf(opts []Option) (o options) {
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	return o
}

// WithTracker tracks in t instead of the default tracker, the one that
// [leakcheck.VerifyNone] and its kin look at. A nil t is the default one.
func WithTracker(t *leakcheck.Tracker) Option {
	return optionFunc(func(o *options) { o.tracker = t })
}

// WithName gives the resource a name in place of its path, address or query.
func WithName(name string) Option {
	return optionFunc(func(o *options) { o.name = name })
}
