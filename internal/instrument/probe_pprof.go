package instrument

import "errors"

// labelKey is the key of the label that tells for which test a goroutine
// works: the value of label.Key in the transplanted engine.
const labelKey = "leakcheck-test"

var labelProbe = Probe{
	Name:    "profiler labels",
	Package: "runtime/pprof",
	Records: "nothing: it keeps the mark of a test on a goroutine that replaces its profiler labels",
	Patch: func(p *Package) error {
		set, err := p.Function("", "SetGoroutineLabels")
		if err != nil {
			return err
		}
		if err := errors.Join(
			set.Expect("func(context.Context)"),
			p.Declares("labelContextKey", "labelMap", "runtime_getProfLabel", "WithLabels", "Labels", "Label"),
		); err != nil {
			return err
		}
		p.Import(ProbeFile, "context", "context")
		set.Wrap("leakcheckSetGoroutineLabels", `
func SetGoroutineLabels(ctx context.Context) {
	leakcheckSetGoroutineLabels(leakcheckKeep(ctx))
}

// leakcheckKeep adds the mark that the calling goroutine has, if any, to the
// labels of ctx, unless they include one.
func leakcheckKeep(ctx context.Context) context.Context {
	const key = "`+labelKey+`"
	current := (*labelMap)(runtime_getProfLabel())
	if current == nil {
		return ctx
	}
	mark, ok := Label(context.WithValue(context.Background(), labelContextKey{}, current), key)
	if !ok {
		return ctx
	}
	if _, ok := Label(ctx, key); ok {
		return ctx
	}
	return WithLabels(ctx, Labels(key, mark))
}`)
		return nil
	},
}
