package leakcheck

import (
	"slices"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/goroutine"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A presence is everything that was open at one moment: what IgnoreCurrent
// remembers.
type presence struct {
	table      fdtable.Table
	children   []process.Child
	mappings   []process.Mapping
	seq        uint64 // of the newest tracked object
	goroutines map[int64]bool
	option     goleakOption
	linked     any // what the copy in a linked test binary sees
}

func (j *judge) presence() *presence {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := &presence{seq: j.tracker.lastSeq(), goroutines: goroutineIDs()}
	// What cannot be read now cannot be read at the verdict either, which
	// says so.
	p.table, _ = j.sys.Descriptors(nil)
	p.children, _ = j.sys.Children()
	p.mappings, _ = j.sys.Mappings()
	p.option = goleakIgnoreCurrent()
	p.linked = presentLinked()
	return p
}

// goroutineIDs is the set of all goroutines there are.
func goroutineIDs() map[int64]bool {
	ids := make(map[int64]bool)
	for _, g := range goroutine.Dump() {
		ids[g.ID] = true
	}
	return ids
}

// known reports whether r was there at an IgnoreCurrent.
func (c *config) known(r resource) bool {
	return slices.ContainsFunc(c.present, func(p *presence) bool {
		if r.child.PID != 0 {
			return slices.Contains(p.children, r.child)
		}
		return p.table.Has(r.fd)
	})
}

func (c *config) knownEntry(e *entry) bool {
	return slices.ContainsFunc(c.present, func(p *presence) bool { return e.seq <= p.seq })
}

func (c *config) knownGoroutine(id int64) bool {
	return slices.ContainsFunc(c.present, func(p *presence) bool { return p.goroutines[id] })
}

func (c *config) knownMapping(m process.Mapping) bool {
	return slices.ContainsFunc(c.present, func(p *presence) bool {
		return len(process.DiffMappings(p.mappings, []process.Mapping{m})) == 0
	})
}
