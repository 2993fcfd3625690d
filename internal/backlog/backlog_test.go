package backlog

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
)

func TestValuesComeInTheirOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b Backlog[int]
	got := make(chan int)
	for i := range 10 {
		b.Add(i, func(v int) { got <- v })
	}
	for i := range 10 {
		assert.Equal(t, i, <-got)
	}
}

func TestTooManyAreDropped(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b Backlog[int]
	began, goOn, got := make(chan bool), make(chan bool), make(chan int, 2*Limit)
	b.Add(0, func(v int) {
		if v == 0 {
			close(began)
			<-goOn
		}
		got <- v
	})
	<-began
	for i := range Limit + 10 {
		b.Add(i+1, nil)
	}
	close(goOn)
	for i := range Limit + 1 {
		assert.Equal(t, i, <-got)
	}
	assert.Empty(t, got)
}

func TestAHandleMayEndItsGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b Backlog[int]
	got := make(chan int)
	for i := range 3 {
		b.Add(i, func(v int) { got <- v; runtime.Goexit() })
	}
	for i := range 3 {
		assert.Equal(t, i, <-got)
	}
}
