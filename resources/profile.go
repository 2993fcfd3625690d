package resources

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/google/pprof/profile"
)

// ProfilePath is where [RegisterProfile] puts the profile.
const ProfilePath = "/debug/pprof/leakcheck"

// RegisterProfile puts [ProfileHandler] on mux, or on [http.DefaultServeMux] if
// that is nil, at [ProfilePath]:
//
//	go tool pprof -top http://localhost:6060/debug/pprof/leakcheck
//
// It takes the GET and HEAD requests of that path, as those of [net/http/pprof]
// are, beside which it can stand; the index page of that package does not list
// it. The error says so if the mux has a pattern that conflicts, such as that
// of an earlier call.
func RegisterProfile(mux *http.ServeMux, opts ...Option) error {
	if mux == nil {
		mux = http.DefaultServeMux
	}
	return handleOrError(mux, "GET "+ProfilePath, ProfileHandler(opts...))
}

// handleOrError is mux.Handle with an error in place of its panic.
func handleOrError(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("resources: registering the profile: %v; register it once for each mux, or put ProfileHandler at another path", v)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// ProfileHandler returns a handler that serves the live table as a profile for
// go tool pprof, made at the time of the request: see [WriteProfile]. With
// ?debug=1 it serves the listing as text. It answers GET and HEAD. Names are
// paths, addresses and queries, and stacks are those of the source, so it
// belongs where the other profiles are, not in public.
//
// Of opts, [WithTracker] says which tracker is served.
func ProfileHandler(opts ...Option) http.Handler {
	t := orDefault(optionsOf(opts).tracker)
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		if debug := r.FormValue("debug"); debug != "" && debug != "0" {
			writeListing(w, t)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="leakcheck"`)
		_ = profileOf(t).Write(w) // fails only if the client is gone
	})
}

// WriteProfile writes the live table to w as a profile for go tool pprof, a
// gzipped protocol buffer with one sample for each open resource. Its values
// are open (a count, the default) and age (seconds); its labels are kind, name
// and age. Stacks are whole, but pprof leaves out what this module did below
// the call that opened the resource. The error is that of w.
//
// Of opts, [WithTracker] says which tracker is written.
func WriteProfile(w io.Writer, opts ...Option) error {
	if w == nil {
		return fmt.Errorf("resources: writing the profile: the writer is nil; pass a file")
	}
	if err := profileOf(orDefault(optionsOf(opts).tracker)).Write(w); err != nil {
		return fmt.Errorf("resources: writing the profile: %w", err)
	}
	return nil
}

// ownFrames are those that pprof leaves out, with what they called.
const ownFrames = `github\.com/go-leakcheck/leakcheck/(leakcheck|resources|internal/[a-z]+)\..*`

// profileOf makes a profile of what is tracked.
func profileOf(t *leakcheck.Tracker) *profile.Profile {
	b := profileBuilder{
		stacks:    make(map[leakcheck.Stack][]*profile.Location),
		functions: make(map[string]*profile.Function),
		locations: make(map[leakcheck.Frame]*profile.Location),
		mapping: &profile.Mapping{
			ID: 1, File: executable(),
			HasFunctions: true, HasFilenames: true, HasLineNumbers: true, HasInlineFrames: true,
		},
	}
	b.p = &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "open", Unit: "count"},
			{Type: "age", Unit: "seconds"},
		},
		DefaultSampleType: "open",
		DropFrames:        ownFrames,
		TimeNanos:         time.Now().UnixNano(),
		Mapping:           []*profile.Mapping{b.mapping},
	}
	for _, info := range t.Live() {
		b.add(info)
	}
	return b.p
}

func executable() string {
	name, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return name
}

// A profileBuilder looks up each stack, and keeps each function and location,
// once.
type profileBuilder struct {
	p         *profile.Profile
	mapping   *profile.Mapping
	stacks    map[leakcheck.Stack][]*profile.Location
	functions map[string]*profile.Function
	locations map[leakcheck.Frame]*profile.Location
}

func (b *profileBuilder) add(info leakcheck.Info) {
	age := max(0, int64(info.Age().Seconds()))
	b.p.Sample = append(b.p.Sample, &profile.Sample{
		Location: b.stack(info.Stack),
		Value:    []int64{1, age},
		Label:    map[string][]string{"kind": {validUTF8(info.Kind)}, "name": {validUTF8(info.Name)}},
		NumLabel: map[string][]int64{"age": {age}},
		NumUnit:  map[string][]string{"age": {"seconds"}},
	})
}

func (b *profileBuilder) stack(s leakcheck.Stack) []*profile.Location {
	if known, ok := b.stacks[s]; ok {
		return known
	}
	frames := s.Frames()
	if len(frames) == 0 {
		frames = []leakcheck.Frame{{Function: "[stack not recorded]"}} // pprof does not show a sample without a call
	}
	var locations []*profile.Location
	for _, f := range frames {
		locations = append(locations, b.location(f))
	}
	b.stacks[s] = locations
	return locations
}

// validUTF8 makes a name one that a protocol buffer can hold.
func validUTF8(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func (b *profileBuilder) location(f leakcheck.Frame) *profile.Location {
	if l, ok := b.locations[f]; ok {
		return l
	}
	l := &profile.Location{
		ID:      uint64(len(b.p.Location) + 1),
		Mapping: b.mapping,
		Line:    []profile.Line{{Function: b.function(f), Line: int64(f.Line)}},
	}
	b.locations[f] = l
	b.p.Location = append(b.p.Location, l)
	return l
}

func (b *profileBuilder) function(f leakcheck.Frame) *profile.Function {
	if fn, ok := b.functions[f.Function]; ok {
		return fn
	}
	fn := &profile.Function{
		ID:         uint64(len(b.p.Function) + 1),
		Name:       f.Function,
		SystemName: f.Function,
		Filename:   f.File,
	}
	b.functions[f.Function] = fn
	b.p.Function = append(b.p.Function, fn)
	return fn
}
