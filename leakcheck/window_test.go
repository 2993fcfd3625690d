package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// a script of beginnings and ends, as package testing orders them.
type timeline struct {
	windows windows
	byName  map[string]*window
}

func newTimeline() *timeline { return &timeline{byName: make(map[string]*window)} }

// begin returns who may have run since the last event.
func (l *timeline) begin(name, parent string, parallel *bool) []string {
	w := &window{name: name, parent: l.byName[parent]}
	if parallel != nil {
		w.parallel = func() bool { return *parallel }
	}
	l.byName[name] = w
	l.windows.beginning(w)
	before := windowNames(l.windows.running())
	l.windows.begin(w)
	return before
}

func (l *timeline) end(name string) []string {
	w := l.byName[name]
	l.windows.ending(w)
	before := windowNames(l.windows.running())
	l.windows.end(w)
	return before
}

func no() *bool { return new(bool) }

func TestSequentialTestsRunAlone(t *testing.T) {
	l := newTimeline()
	assert.Empty(t, l.begin("A", "", no()))
	assert.Equal(t, []string{"A"}, l.end("A"))
	assert.Empty(t, l.begin("B", "", no()))
	assert.Equal(t, []string{"B"}, l.end("B"))
}

func TestAPausedTestIsNoSuspect(t *testing.T) {
	l, parallel := newTimeline(), no()
	l.begin("P", "", parallel)
	*parallel = true // it calls t.Parallel and waits
	assert.Equal(t, []string{"P"}, l.begin("S", "", no()), "P may have opened something before it paused")
	assert.Equal(t, []string{"S"}, l.end("S"), "P is paused while S runs")
	assert.Equal(t, []string{"P"}, l.end("P"))
}

func TestParallelTestsAreSuspectsTogether(t *testing.T) {
	l, p, q := newTimeline(), no(), no()
	l.begin("P", "", p)
	*p = true
	l.begin("Q", "", q)
	*q = true
	assert.Equal(t, []string{"P", "Q"}, l.end("P"))
	assert.Equal(t, []string{"Q"}, l.end("Q"), "P is over")
}

func TestTheLastOneMayBeSequential(t *testing.T) {
	l, p := newTimeline(), no()
	l.begin("P", "", p)
	*p = true
	l.begin("S", "", no())
	assert.Equal(t, []string{"S"}, l.end("S"))
	assert.Equal(t, []string{"P"}, l.end("P"))
}

func TestCheckAfterParallel(t *testing.T) {
	l, yes := newTimeline(), true
	l.begin("P", "", &yes)
	assert.Equal(t, []string{"P"}, l.begin("Q", "", &yes))
	assert.Equal(t, []string{"P", "Q"}, l.end("Q"))
}

func TestASubtestStandsForItsTest(t *testing.T) {
	l := newTimeline()
	l.begin("T", "", no())
	assert.Equal(t, []string{"T"}, l.begin("T/sub", "T", no()))
	assert.Equal(t, []string{"T/sub"}, l.end("T/sub"), "T waits for it")
	assert.Equal(t, []string{"T"}, l.end("T"))
}

func TestSubtestsOfAResumedTest(t *testing.T) {
	l, p, q := newTimeline(), no(), no()
	l.begin("P", "", p)
	*p = true
	l.begin("Q", "", q)
	*q = true
	// Both go on. P starts a subtest, so P is awake, and Q may be.
	assert.Equal(t, []string{"P", "Q"}, l.begin("P/sub", "P", no()))
	assert.Equal(t, []string{"Q", "P/sub"}, l.end("P/sub"))
	assert.Equal(t, []string{"P", "Q"}, l.end("Q"))
}

func TestWithoutIsParallelTheOrderTells(t *testing.T) {
	l := newTimeline()
	l.begin("P", "", nil)
	l.begin("Q", "", nil)
	assert.Equal(t, []string{"Q"}, l.end("Q"), "Q may be sequential")
	assert.Equal(t, []string{"P"}, l.end("P"), "P was paused and so is parallel")
}
