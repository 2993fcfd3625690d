package recorder

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWithoutAnybodyToldTheProgramRunsAsItIs(t *testing.T) {
	assert.Equal(t, 3, TestsBegin(nil)(3))
	assert.Equal(t, 4, ExitCode(4))
	SubtestBegins("name")
	ObjectOpened(new(int), "kind", "name", nil, 0)
	ObjectClosed(new(int))
}

type told struct{ calls []any }

func (h *told) Begin(m any) func(int) int {
	h.calls = append(h.calls, m)
	return func(code int) int { return code + 1 }
}
func (h *told) Subtest(name string) { h.calls = append(h.calls, name) }
func (h *told) Exit(code int) int   { h.calls = append(h.calls, code); return code + 1 }
func (h *told) Open(_ any, kind, name string, _ func() bool, skip int) {
	h.calls = append(h.calls, kind, name, skip)
}
func (h *told) Close(ptr any) { h.calls = append(h.calls, ptr) }

func TestWhoIsToldDecides(t *testing.T) {
	defer tests.Store(nil)
	defer objects.Store(nil)
	h := new(told)
	SetTests(h)
	SetObjects(h)
	assert.Equal(t, 4, TestsBegin("m")(3))
	assert.Equal(t, 5, ExitCode(4))
	SubtestBegins("name")
	p := new(int)
	ObjectOpened(p, "rows", "query", nil, 2)
	ObjectClosed(p)
	assert.Equal(t, []any{"m", 4, "name", "rows", "query", 3, p}, h.calls, "skip is one more: this package's own call")
}
