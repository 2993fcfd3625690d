package resources

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// It fails on a Go release in which the runtime's g has no number among its
// first words: then each Lock takes a microsecond more.
func TestGoroutineIDIsReadFromG(t *testing.T) {
	assert.Equal(t, readsG, idOffset() >= 0)
}

func TestGoroutineIDIsThatOfTheDump(t *testing.T) {
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			id := goroutineID()
			assert.Equal(t, parsedGoroutineID(), id)
			mu.Lock()
			defer mu.Unlock()
			assert.False(t, seen[id])
			seen[id] = true
		})
	}
	wg.Wait()
	assert.Len(t, seen, 50)
}

func TestOnlyOffset(t *testing.T) {
	assert.Equal(t, -1, onlyOffset([]bool{false, false}))
	assert.Equal(t, 8, onlyOffset([]bool{false, true}))
	assert.Equal(t, -1, onlyOffset([]bool{true, true}))
}

func TestFindCycle(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges map[int][]int
		want  []int
	}{
		{"none", map[int][]int{}, nil},
		{"a chain", map[int][]int{1: {2}, 2: {3}}, nil},
		{"itself", map[int][]int{1: {1}}, []int{1}},
		{"two", map[int][]int{1: {2}, 2: {1}}, []int{1, 2}},
		{"three, past dead ends", map[int][]int{1: {5, 2}, 5: {6}, 2: {6, 3}, 3: {1}}, []int{1, 2, 3}},
		{"a cycle that start only leads to", map[int][]int{1: {2}, 2: {3}, 3: {2}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, findCycle(1, func(n int) []int { return c.edges[n] }))
		})
	}
}
