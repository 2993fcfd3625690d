package leakcheck

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/goroutine"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// A goroutineFinder finds the goroutines of one scope that should have ended.
type goroutineFinder interface {
	// first reports whether there may be some. It is called on the clean
	// path.
	first() bool
	// again reports whether there may still be some, cheaply.
	again() bool
	// find describes them, as of now on the clock.
	find(now int64) []Leak
}

// describeGoroutines makes leaks of goroutines that are not older than age.
func (j *judge) describeGoroutines(gs []goroutine.Goroutine, age time.Duration, owner func(goroutine.Goroutine) string) []Leak {
	var leaks []Leak
	for _, g := range gs {
		j.report(g)
		leaks = append(leaks, Leak{
			Kind:       "goroutine",
			Name:       goroutineName(g.Frames),
			Detail:     g.State,
			State:      Held,
			FD:         -1,
			Owner:      owner(g),
			Age:        age,
			AgeIsBound: true,
			Stack:      stuckStack(g.Frames),
			CreatedBy:  Frame(g.CreatedBy),
			Raw:        rawText(g),
			seq:        uint64(g.ID),
		})
	}
	return leaks
}

// report remembers that a verdict has named the goroutine. While tests that run
// in parallel start and end others with the same stack it may be taken for one
// of those, so that the same one is named twice: then one like it was meant.
func (j *judge) report(g goroutine.Goroutine) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if g.ID == 0 || j.reported[g.ID] {
		j.mistaken[entryFunction(g.Frames)]++
		return
	}
	j.reported[g.ID] = true
}

// pardon keeps later verdicts from naming a goroutine that the options of its
// test accept.
func (j *judge) pardon(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reported[id] = true
}

// dropMistaken drops as many goroutines as were named under another's number.
func (j *judge) dropMistaken(gs []goroutine.Goroutine) []goroutine.Goroutine {
	j.mu.Lock()
	left := maps.Clone(j.mistaken)
	j.mu.Unlock()
	return slices.DeleteFunc(gs, func(g goroutine.Goroutine) bool {
		f := entryFunction(g.Frames)
		left[f]--
		return left[f] >= 0
	})
}

// entryFunction is the one that a goroutine was started with.
func entryFunction(fs []goroutine.Frame) string {
	if len(fs) == 0 {
		return ""
	}
	return fs[len(fs)-1].Function
}

func (j *judge) wasReported(id int64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.reported[id]
}

// rawText is the runtime's own text where it could not be read as frames.
func rawText(g goroutine.Goroutine) string {
	if len(g.Frames) > 0 {
		return ""
	}
	return g.Raw
}

// goroutineName is the function that a reader knows the goroutine by: the
// user's innermost one, or the one it was started with where the user's code
// is not on the stack.
func goroutineName(fs []goroutine.Frame) string {
	if len(fs) == 0 {
		return "?"
	}
	for _, f := range fs {
		if !stack.Standard(stack.Package(f.Function), f.File) {
			return f.Function
		}
	}
	return fs[len(fs)-1].Function
}

func stuckStack(fs []goroutine.Frame) []Frame {
	in := make([]stack.Frame, len(fs))
	for i, f := range fs {
		in[i] = stack.Frame(f)
	}
	return openingStack(in)
}

// inVerdict reports whether the goroutine is one that runs a verdict.
func inVerdict(fs []goroutine.Frame) bool {
	for _, f := range fs {
		if strings.HasPrefix(f.Function, module+"/leakcheck.(*judge)") {
			return true
		}
	}
	return false
}
