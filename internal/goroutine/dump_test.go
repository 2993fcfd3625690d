package goroutine

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byFunction finds the one goroutine of the dump that runs a function of this
// package.
func byFunction(t *testing.T, gs []Goroutine, function string) Goroutine {
	t.Helper()
	var found []Goroutine
	for _, g := range gs {
		if has(g.Frames, packagePrefix+function) {
			found = append(found, g)
		}
	}
	require.Len(t, found, 1, function)
	return found[0]
}

func names(fs []Frame) []string {
	var all []string
	for _, f := range fs {
		all = append(all, strings.TrimPrefix(f.Function, packagePrefix))
	}
	return all
}

func TestDumpBeginsWithTheCaller(t *testing.T) {
	_, _, line, _ := runtime.Caller(0)
	gs := Dump()
	require.NotEmpty(t, gs)
	me := gs[0]
	assert.Equal(t, "running", me.State)
	assert.Equal(t, []string{"dumpText", "Dump", "TestDumpBeginsWithTheCaller", "testing.tRunner"}, names(me.Frames))
	assert.Equal(t, "testing.(*T).Run", me.CreatedBy.Function)
	assert.Positive(t, me.ID)
	assert.Positive(t, me.Parent)
	assert.True(t, strings.HasSuffix(me.Frames[1].File, "/dump.go"), me.Frames[1].File)
	assert.Equal(t, line+1, me.Frames[2].Line)
}

func TestDumpOfEverySpecies(t *testing.T) {
	animals := open(t)
	var zoo []Goroutine
	for _, g := range Dump() {
		assert.NotEmpty(t, g.Frames, g.Raw)
		assert.NotEmpty(t, g.State, g.Raw)
		for _, f := range g.Frames {
			assert.NotEmpty(t, f.File, "%s in\n%s", f.Function, g.Raw)
			assert.Positive(t, f.Line, "%s in\n%s", f.Function, g.Raw)
		}
		if g.inZoo() {
			zoo = append(zoo, g)
			assert.Equal(t, NotRunner, g.Runner())
			assert.False(t, g.OfRuntime(), g.Raw)
			assert.NotZero(t, g.Parent)
		}
	}
	require.Len(t, zoo, len(animals))

	assert.Equal(t, "generic[...]", names(byFunction(t, zoo, "generic").Frames)[0])
	assert.Equal(t, "(*keeper[...]).hold", names(byFunction(t, zoo, "(*keeper").Frames)[0])
	assert.Equal(t, []string{"inlinedInner", "inlinedOuter"}, names(byFunction(t, zoo, "inlinedOuter").Frames)[:2])
	assert.True(t, byFunction(t, zoo, "locked").Locked)
	assert.Equal(t, "IO wait", byFunction(t, zoo, "readFile").State)
	assert.Equal(t, "sync.Mutex.Lock", byFunction(t, zoo, "lockMutex").State)
	assert.Equal(t, []string{"panicking.func2", "panic", "panicking"}, names(byFunction(t, zoo, "panicking").Frames)[:3])
	assert.Equal(t, []string{"nilFunc.func1", "panic", "nilFunc"}, names(byFunction(t, zoo, "nilFunc").Frames)[:3])
}

func TestDumpOfADeepStack(t *testing.T) {
	open(t)
	elided := 0
	for _, g := range Dump() {
		if !g.Elided {
			continue
		}
		elided++
		assert.Len(t, g.Frames, 100)
		assert.Equal(t, 50, g.inner)
		all := names(g.Frames)
		assert.Equal(t, []string{"deep", "deep"}, all[:2])
		assert.Equal(t, "sync.(*WaitGroup).Go.func1", all[99])
	}
	assert.Equal(t, 2, elided)
}

func TestDumpInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan struct{})
		go plain(c)
		synctest.Wait()
		gs := Dump()
		assert.True(t, gs[0].Bubble)
		g := byFunction(t, gs, "plain")
		assert.True(t, g.Bubble)
		assert.Equal(t, "chan receive", g.State)
		assert.Contains(t, g.Raw, "(durable)")
		_, err := ByLabel()
		assert.NoError(t, err)
		close(c)
	})
}

// The first buffer is too small for many goroutines with deep stacks.
func TestDumpGrows(t *testing.T) {
	c, gone := make(chan struct{}), make(chan struct{})
	const many = 200
	for range many {
		go func() {
			deep(120, c)
			gone <- struct{}{}
		}()
	}
	eventually(t, func() bool {
		deepest := 0
		for _, g := range Dump() {
			if g.Elided && g.State == "chan receive" {
				deepest++
			}
		}
		return deepest == many
	})
	assert.Greater(t, len(dumpText()), dumpFirst+many*dumpEach)
	close(c)
	for range many {
		<-gone
	}
}
