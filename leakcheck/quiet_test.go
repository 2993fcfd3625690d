package leakcheck

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQuietForgetsWhatWasLeftBehindAndEnded(t *testing.T) {
	now := runtime.NumGoroutine()
	q := quietCount{floor: now - 1, behind: 5, known: true}
	q.note(nil)
	assert.LessOrEqual(t, q.behind, runtime.NumGoroutine()-q.floor)
	assert.LessOrEqual(t, q.floor, now-1)
}
