package goroutine

import (
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
	ready := make(chan struct{})
	for i := range 50 {
		go func() {
			id := Dump()[0].ID
			if i%3 > 0 { // some have none
				want[label.Set(strconv.Itoa(i))] = id
			}
			ready <- struct{}{}
			<-wait
		}()
		<-ready
	}
	dump := Dump()
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
