package goroutine

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// Whatever a goroutine is blocked in, its dump and its profile are the same
// stack, and nobody else's.
func TestDumpAndProfileMatch(t *testing.T) {
	animals := open(t)
	groups, err := ByLabel()
	require.NoError(t, err)
	found := make(map[string]Group)
	for _, gr := range groups {
		if _, ok := animals[gr.Label]; ok {
			assert.NotContains(t, found, gr.Label)
			assert.Equal(t, 1, gr.Count)
			assert.False(t, gr.OfRuntime())
			assert.Equal(t, NotRunner, gr.Runner())
			found[gr.Label] = gr
		}
	}
	require.Len(t, found, len(animals))

	gs := Dump()
	for name, gr := range found {
		var matching []Goroutine
		for _, g := range gs {
			if g.Matches(gr.Frames) {
				matching = append(matching, g)
			}
		}
		if assert.Equal(t, 1, len(matching), "%s: %v", name, names(gr.Frames)) {
			g := matching[0]
			assert.Equal(t, animals[name].state, g.State, name)
			if !g.Elided {
				assert.Equal(t, g.Frames, gr.Frames, name)
			}
		}
	}
}

func TestByLabelCountsInheritedLabels(t *testing.T) {
	c, gone := make(chan struct{}), make(chan struct{})
	go func() {
		label.Set("parent")
		for range 3 {
			go func() {
				plain(c)
				gone <- struct{}{}
			}()
		}
		go pprof.Do(context.Background(), pprof.Labels(label.Key, "parent", "other", "label"), func(context.Context) {
			generic[int](c)
			gone <- struct{}{}
		})
		go pprof.Do(context.Background(), pprof.Labels("only", "others"), func(context.Context) {
			generic[string](c)
			gone <- struct{}{}
		})
		gone <- struct{}{}
	}()
	<-gone
	eventually(t, func() bool {
		blocked := 0
		for _, g := range Dump() {
			if g.State == "chan receive" && has(g.Frames, packagePrefix+"TestByLabelCountsInheritedLabels.func") {
				blocked++
			}
		}
		return blocked == 5
	})
	groups, err := ByLabel()
	require.NoError(t, err)
	counts := make(map[string]int)
	for _, gr := range groups {
		// The parent may still be on its way out, in runtime.goexit1.
		if gr.Label == "parent" && has(gr.Frames, packagePrefix+"TestByLabelCountsInheritedLabels.func") {
			counts[names(gr.Frames)[0]] += gr.Count
		}
	}
	assert.Equal(t, map[string]int{"plain": 3, "generic[...]": 1}, counts)
	close(c)
	for range 5 {
		<-gone
	}
}

// profileText is a real profile, cut, and made to hold more than one of
// everything.
const profileText = `goroutine profile: total 12
5 @ 0x47bd4e 0x410d2e 0x4f1ac5 0x481de1
# labels: {"leakcheck":"a \"b\" {c}", "other":"x"}
#	0x4f1ac4	main.(*T[...]).wait+0x24		/src/with space/main.go:12
#	0x4f1b00	main.main.func1+0x1c			/src/main.go:7

4 @ 0x47bd4e 0x410d2e
# labels: {"other":"leakcheck"}
#	0x4f1ac4	main.wait+0x24	/src/main.go:12

3 @ 0x47bd4e 0x410d2f
# labels: {"a":"1", "leakcheck":"a \"b\" {c}"}
#	0x4f1ac9	main.(*T[...]).wait+0x29	/src/with space/main.go:12
#	0x4f1b00	main.main.func1+0x1c		/src/main.go:7

2 @ 0x47bd4e
#	0x4f1ac4	main.wait+0x24	/src/main.go:12

2 @ 0x47bd4e
# labels: {"leakcheck":""}
#	0x4f1ac4	main.deferred+0x24	/src/main.go:12
#	0x4f1ac5
#	0x4f1ac6	runtime.gopanic+0x1	/go/panic.go:2
#	0x4f1ac7	runtime.sigpanic+0x1	/go/signal.go:3
#	0x4f1ac8	main.main+0x24		/src/main.go:1

1 @ 0x47bd4e
# labels: {"leakcheck":"a"}
#	0x47bd4d	runtime.gopark+0x1	/go/proc.go:1

1 @
# labels: {"leakcheck":"a"}

x @ 0x1
# labels: {"leakcheck":"a"}
#	0x4f1ac4	main.wait+0x24	/src/main.go:12

1 @ 0x1
# labels: {"leakcheck":a}

`

func TestParseProfile(t *testing.T) {
	got, err := parseProfile(profileText)
	require.NoError(t, err)
	assert.Equal(t, []Group{
		{Label: `a "b" {c}`, Count: 8, Frames: []Frame{
			{"main.(*T[...]).wait", "/src/with space/main.go", 12},
			{"main.main.func1", "/src/main.go", 7},
		}},
		{Label: "", Count: 2, Frames: []Frame{
			{"main.deferred", "/src/main.go", 12}, {"panic", "/go/panic.go", 2}, {"main.main", "/src/main.go", 1},
		}},
		{Label: "a", Count: 1, Frames: []Frame{{"runtime.gopark", "/go/proc.go", 1}}},
		{Label: "a", Count: 1},
	}, got)
}

func TestParseProfileOfAnotherFormat(t *testing.T) {
	_, err := parseProfile("\x1f\x8b")
	assert.ErrorContains(t, err, "another format")
	got, err := parseProfile("goroutine profile: total 0\n")
	assert.NoError(t, err)
	assert.Empty(t, got)
}

// What package pprof says in its protocol buffer, whose format is specified,
// ByLabel says too.
func TestByLabelAgreesWithTheProtocolBuffer(t *testing.T) {
	animals := open(t)
	var buf bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&buf, 0))
	p, err := profile.Parse(&buf)
	require.NoError(t, err)
	want := make(map[string][]string)
	for _, s := range p.Sample {
		for _, value := range s.Label[label.Key] {
			for _, l := range s.Location {
				for _, line := range l.Line {
					if name := line.Function.Name; shown(name) && name != "runtime.gopanic" {
						want[value] = append(want[value], fmt.Sprintf("%s:%d", line.Function.Filename, line.Line))
					}
				}
			}
		}
	}
	groups, err := ByLabel()
	require.NoError(t, err)
	found := 0
	for _, gr := range groups {
		if _, ok := animals[gr.Label]; !ok {
			continue
		}
		found++
		var got []string
		for _, f := range gr.Frames {
			if f.Function != "panic" {
				got = append(got, fmt.Sprintf("%s:%d", f.File, f.Line))
			}
		}
		assert.Equal(t, want[gr.Label], got, gr.Label)
	}
	assert.Len(t, animals, found)
}

func FuzzParseProfile(f *testing.F) {
	f.Add(profileText)
	f.Fuzz(func(t *testing.T, text string) {
		groups, _ := parseProfile(text)
		for _, gr := range groups {
			assert.Positive(t, gr.Count)
			for _, f := range gr.Frames {
				assert.NotEmpty(t, f.Function)
				assert.GreaterOrEqual(t, f.Line, 0)
			}
		}
	})
}

func TestShownAsADumpShowsIt(t *testing.T) {
	for name, want := range map[string]bool{
		"main.main": true, "runtime/pprof.profileWriter": true, "runtime.GC": true, "runtime.(*Func).Entry": true,
		"runtime.runFinalizers": true, "runtime.gopanic": true, "runtime.gopark": false, "runtime.GC.func1": false,
		"runtime.(*mheap).Alloc": false, "runtime.": false,
	} {
		assert.Equal(t, want, shown(name), name)
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"main.F": "main.F", "main.F[go.shape.int]": "main.F[...]", "main.(*T[go.shape.[]int]).M.func1": "main.(*T[...]).M.func1",
		"runtime.gopanic": "panic", "odd]name[": "odd]name[",
	} {
		assert.Equal(t, want, shortName(name))
	}
}
