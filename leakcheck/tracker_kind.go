package leakcheck

import (
	"maps"
	"sync"
	"sync/atomic"
)

// kinds numbers the kinds in use: four bytes in an entry instead of sixteen.
// A program has a dozen, so the table is copied when one is added and read
// without a lock.
var kinds struct {
	sync.Mutex // for writers
	table      atomic.Pointer[kindTable]
}

type kindTable struct {
	ids   map[string]uint32
	names []string
}

// kindID returns the number of a kind, a new one for a kind never seen.
func kindID(kind string) uint32 {
	if t := kinds.table.Load(); t != nil {
		if id, ok := t.ids[kind]; ok {
			return id
		}
	}
	return addKind(kind)
}

func addKind(kind string) uint32 {
	kinds.Lock()
	defer kinds.Unlock()
	var next kindTable
	if t := kinds.table.Load(); t != nil {
		if id, ok := t.ids[kind]; ok {
			return id
		}
		next = kindTable{maps.Clone(t.ids), t.names}
	} else {
		next.ids = make(map[string]uint32)
	}
	id := uint32(len(next.names))
	next.ids[kind] = id
	next.names = append(next.names[:id:id], kind)
	kinds.table.Store(&next)
	return id
}

// kindName returns the kind that has a number given out by kindID.
func kindName(id uint32) string { return kinds.table.Load().names[id] }
