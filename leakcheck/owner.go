package leakcheck

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// An owner is a test on whose behalf goroutines run. Its goroutine carries a
// label, and so does every goroutine that one starts.
type owner struct {
	id   string       // the label's value: a number no other owner has; a subtest's is its test's and its name
	name string       // of the test
	live atomic.Int64 // tracked objects still there
	lost atomic.Int64 // tracked objects that were collected without Close

	window *window // of a test that has a verdict of its own
	parent *owner  // of a subtest that has none: part of that test
}

// test returns the owner whose verdict is also about o.
func (o *owner) test() *owner {
	for o.parent != nil {
		o = o.parent
	}
	return o
}

// windows returns the window of o as the only suspect, nil for no owner.
func (o *owner) windows() []*window {
	if o == nil || o.test().window == nil {
		return nil
	}
	return []*window{o.test().window}
}

// addLive and addLost keep the accounts of o and of the tests it is part of.
func (o *owner) addLive(n int64) {
	for ; o != nil; o = o.parent {
		o.live.Add(n)
	}
}

func (o *owner) addLost(n int64) {
	for ; o != nil; o = o.parent {
		o.lost.Add(n)
	}
}

// owners finds an owner by what its goroutines carry. An owner stays for the
// life of the process: what it left behind may be found at the very end. Only
// subtests without a verdict are not in it: there may be thousands of them.
var owners struct {
	count  atomic.Int64
	byMark sync.Map // label.Mark to *owner
	byID   sync.Map // string to *owner
}

// forProcess owns what is opened once for the process and is no test's: see
// probe_once.go in package instrument, whose label has this value.
var forProcess = &owner{id: "process"}

func init() { owners.byID.Store(forProcess.id, forProcess) }

// newOwner labels the calling goroutine as the owner called name.
func newOwner(name string) *owner {
	o := &owner{id: strconv.FormatInt(owners.count.Add(1), 10), name: name}
	mark := label.Set(o.id)
	owners.byID.Store(o.id, o)
	if mark != (label.Mark{}) {
		owners.byMark.Store(mark, o)
	}
	return o
}

// currentOwner returns the owner of the calling goroutine, nil if it has none:
// it descends from no test, or its labels were replaced since.
func currentOwner() *owner {
	if owners.count.Load() == 0 {
		return nil
	}
	return ownerByMark(label.Current())
}

// ownerByMark returns the owner whose goroutines carry mark, nil if there is
// none.
func ownerByMark(mark label.Mark) *owner {
	if o, ok := owners.byMark.Load(mark); ok {
		return o.(*owner)
	}
	if id := mark.Value(); id != "" {
		return ownerByID(id)
	}
	return nil
}

// ownerByID returns the owner whose goroutines carry id, nil if there is none.
func ownerByID(id string) *owner {
	test, name, sub := strings.Cut(id, " ")
	o, ok := owners.byID.Load(test)
	switch {
	case !ok:
		return nil
	case sub:
		return &owner{id: id, name: name, parent: o.(*owner)}
	}
	return o.(*owner)
}

// ownerName is the name of o, "" for no owner.
func ownerName(o *owner) string {
	if o == nil {
		return ""
	}
	return o.name
}
