package resources

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// goroutineID returns the number of the calling goroutine, as stack dumps show
// it. No other goroutine ever has it.
func goroutineID() int64 {
	if offset := foundOffset.Load(); offset > 0 {
		return int64(wordOfG(uintptr(offset)))
	}
	return searchedGoroutineID()
}

// foundOffset is idOffset without its cost, 0 before that was called: what the
// runtime's g begins with are the bounds of the stack.
var foundOffset atomic.Int64

func searchedGoroutineID() int64 {
	if foundOffset.Load() == 0 {
		foundOffset.Store(int64(idOffset()))
		return goroutineID()
	}
	return parsedGoroutineID()
}

// parsedGoroutineID reads the number off a stack dump, which takes the runtime
// about a microsecond.
func parsedGoroutineID() int64 {
	var buf [48]byte
	header := string(buf[:runtime.Stack(buf[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(header, "goroutine "), " ")
	id, _ := strconv.ParseInt(number, 10, 64)
	return id
}

// What is searched for the offset of the number. The runtime's g has been
// larger since Go 1.5.
const (
	gSearched = 256
	wordSize  = 8
)

// idOffset returns where the runtime's description of a goroutine has its
// number, -1 if that is not known. Nothing promises that it stays there, so it
// is found out: it is the one place that agrees with the stack dump on each of
// several goroutines.
var idOffset = sync.OnceValue(func() int {
	if !readsG {
		return -1
	}
	candidates := make([]bool, gSearched/wordSize)
	for i := range candidates {
		candidates[i] = true
	}
	for range 4 {
		var wg sync.WaitGroup
		wg.Go(func() { keepMatching(candidates) })
		wg.Wait()
	}
	return onlyOffset(candidates)
})

// keepMatching clears the candidates that do not have the number of the calling
// goroutine.
func keepMatching(candidates []bool) {
	id := parsedGoroutineID()
	for i := range candidates {
		if int64(wordOfG(uintptr(i*wordSize))) != id {
			candidates[i] = false
		}
	}
}

// onlyOffset returns the offset of the only candidate, -1 if there is none or
// more than one.
func onlyOffset(candidates []bool) int {
	found := -1
	for i, ok := range candidates {
		switch {
		case ok && found >= 0:
			return -1
		case ok:
			found = i * wordSize
		}
	}
	return found
}
