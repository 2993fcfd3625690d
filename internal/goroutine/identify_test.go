package goroutine

import (
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// Fifty goroutines with one stack, each with a label of its own: the labels
// and the numbers must come together as they are.
func TestIdentifyTellsTwinsApart(t *testing.T) {
	wait := make(chan struct{})
	defer close(wait)
	want := make(map[label.Mark]int64)
	ids := make(map[int64]bool)
	ready := make(chan struct{})
	for i := range 50 {
		go func() {
			id := Dump()[0].ID
			ids[id] = true
			if i%3 > 0 { // some have none
				want[label.Set(strconv.Itoa(i))] = id
			}
			ready <- struct{}{}
			<-wait
		}()
		<-ready
	}
	// The order holds for goroutines that are blocked.
	blocked := func(g Goroutine) bool { return !ids[g.ID] || g.State == "chan receive" }
	dump := Dump()
	for ; !every(dump, blocked); dump = Dump() {
		runtime.Gosched()
	}
	all, ok := All()
	if !ok {
		t.Skip("no access to the runtime's records")
	}
	got := make(map[label.Mark]int64)
	for i, g := range Identify(all, dump) {
		if _, ours := want[all[i].Mark]; ours {
			got[all[i].Mark] = g.ID
		}
	}
	assert.Equal(t, want, got)
}

func every(gs []Goroutine, f func(Goroutine) bool) bool {
	return !slices.ContainsFunc(gs, func(g Goroutine) bool { return !f(g) })
}

func TestIdentifyMakesUpWhatMovedOn(t *testing.T) {
	all, ok := All()
	if !ok {
		t.Skip("no access to the runtime's records")
	}
	for i, g := range Identify(all, nil) {
		assert.Zero(t, g.ID)
		assert.Equal(t, all[i].Frames(), g.Frames)
	}
}
