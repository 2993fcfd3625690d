package leakcheck

import (
	"sync"
	"sync/atomic"
)

// shardBits makes 32 shards: enough that two goroutines seldom meet, few
// enough that a tracker of one's own costs 2 KB.
const (
	shardBits  = 5
	shardCount = 1 << shardBits
)

// chainLength is how many entries a chain has on average before the table
// grows: longer ones take less memory and hardly more time.
const chainLength = 2

// A shard holds the entries of some addresses in a table of chains, which
// run through the entries themselves: that is less memory than a map and half
// its time. The padding keeps the locks of two shards off one cache line.
type shard struct {
	mu      sync.Mutex
	chains  []*entry // a power of two, or none before the first entry
	entries int
	_       [24]byte
}

// spread mixes an address. The low bits of one say little, for objects are
// aligned; of the product the high bits say most.
func spread(addr uintptr) uint64 { return uint64(addr) * 0x9e3779b97f4a7c15 }

// shard returns the one for an address.
func (t *Tracker) shard(addr uintptr) *shard { return &t.shards[spread(addr)>>(64-shardBits)] }

// len returns how many entries s has.
func (s *shard) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries
}

// put makes e the entry of its address, numbers it and returns the one it
// replaces, if any. The number is drawn under the lock so that Clear, which
// notes the latest and then empties the shards, never leaves an older one
// behind.
func (s *shard) put(e *entry, seq *atomic.Uint64) (old *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.seq = seq.Add(1)
	e.place = e.seq
	if s.entries == chainLength*len(s.chains) {
		s.grow()
	}
	at := s.find(e.addr)
	if old = *at; old != nil {
		e.place, e.next, old.next = old.place, old.next, nil
	} else {
		s.entries++
	}
	*at = e
	return old
}

// remove takes out the entry of addr and returns it, nil if there is none.
func (s *shard) remove(addr uintptr) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == 0 {
		return nil
	}
	at := s.find(addr)
	e := *at
	if e != nil {
		s.unlink(at)
	}
	return e
}

// find returns the link that leads to the entry of addr, or the nil one at
// the end of its chain. There must be chains.
func (s *shard) find(addr uintptr) **entry {
	at := s.chain(addr)
	for *at != nil && (*at).addr != addr {
		at = &(*at).next
	}
	return at
}

// chain returns the start of the chain for addr. Its bits are those below the
// ones that chose the shard.
func (s *shard) chain(addr uintptr) **entry {
	return &s.chains[spread(addr)>>16&uint64(len(s.chains)-1)]
}

// unlink takes out the entry that a link leads to. Its own link is cut: who
// keeps a lost entry should not keep those that were once behind it.
func (s *shard) unlink(at **entry) {
	e := *at
	*at, e.next = e.next, nil
	s.entries--
}

// grow doubles the number of chains.
func (s *shard) grow() {
	old := s.chains
	s.chains = make([]*entry, max(4, 2*len(old)))
	for _, e := range old {
		for e != nil {
			next := e.next
			at := s.chain(e.addr)
			e.next, *at = *at, e
			e = next
		}
	}
}

// takeAll empties the shard and returns what was in it.
func (s *shard) takeAll() []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.list(nil)
	for _, e := range entries {
		e.next = nil
	}
	s.chains, s.entries = nil, 0
	return entries
}

// appendTo appends the entries of the shard to dst, in no order.
func (s *shard) appendTo(dst []*entry) []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list(dst)
}

func (s *shard) list(dst []*entry) []*entry {
	for _, e := range s.chains {
		for ; e != nil; e = e.next {
			dst = append(dst, e)
		}
	}
	return dst
}
