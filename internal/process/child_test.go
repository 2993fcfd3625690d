package process

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDiffChildren(t *testing.T) {
	a, b, reused := Child{PID: 10, Start: 100}, Child{PID: 20, Start: 200}, Child{PID: 10, Start: 900}

	assert.Empty(t, DiffChildren(nil, nil))
	assert.Empty(t, DiffChildren([]Child{a, b}, []Child{b}), "a child that was there before, or is gone, is not new")
	assert.Equal(t, []Child{b}, DiffChildren([]Child{a}, []Child{a, b}))
	assert.Equal(t, []Child{reused}, DiffChildren([]Child{a}, []Child{reused}), "the same PID, another process")
}
