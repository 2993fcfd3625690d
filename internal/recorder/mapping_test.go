package recorder

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Addresses that nothing is mapped at.
const base = 1 << 20

// ranges are the recorded mappings, relative to base.
func ranges() (all [][2]uintptr) {
	for _, m := range Mappings() {
		if m.Start >= base {
			all = append(all, [2]uintptr{m.Start - base, m.End - base})
		}
	}
	return all
}

func TestMappings(t *testing.T) {
	defer Unmapped(base, 1<<20)
	Mapped(base, 100, 0)
	Mapped(base+200, 100, 0)
	assert.Equal(t, [][2]uintptr{{0, 100}, {200, 300}}, ranges())
	assert.NotNil(t, MappingAt(base))
	assert.NotNil(t, MappingAt(base+99))
	assert.Nil(t, MappingAt(base+100))

	Unmapped(base+50, 10)
	assert.Equal(t, [][2]uintptr{{0, 50}, {60, 100}, {200, 300}}, ranges(), "a hole leaves two parts")
	Unmapped(base+90, 120)
	assert.Equal(t, [][2]uintptr{{0, 50}, {60, 90}, {210, 300}}, ranges(), "and may reach across several")
	Mapped(base+40, 30, 0)
	assert.Equal(t, [][2]uintptr{{0, 40}, {70, 90}, {210, 300}, {40, 70}}, ranges(), "a new one takes the place of what was there")
	Unmapped(base, 300)
	assert.Empty(t, ranges())
}

func TestARemappedFileIsStillTheOne(t *testing.T) {
	defer Unmapped(base, 1<<20)
	Mapped(base, 100, 0)
	r := MappingAt(base)
	Remapped(base, 100, base+1000, 300)
	assert.Equal(t, [][2]uintptr{{1000, 1300}}, ranges())
	assert.Same(t, r, MappingAt(base+1299))

	Remapped(base+5000, 100, base+6000, 300)
	assert.Equal(t, [][2]uintptr{{1000, 1300}}, ranges(), "nobody saw what was moved")
}

func TestProcesses(t *testing.T) {
	started := func() { Started(1<<30, 0) }
	started()
	assert.Equal(t, "TestProcesses", innermost(Process(1<<30)))
	Waited(1 << 30)
	assert.Nil(t, Process(1<<30))
	Waited(1 << 30)
}
