package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

func TestLedgerKeepsWhatIsOpen(t *testing.T) {
	var l ledger
	hosts := resource{fd: fdtable.Key{FD: 3, Ino: 7}}
	child := resource{child: process.Child{PID: 42, Start: 1}}
	l.opened(hosts, 10, nil)
	l.opened(child, 20, nil)
	l.closed(hosts)
	l.closed(resource{fd: fdtable.Key{FD: 9}}) // of the baseline: not an error
	all := l.take(func(*sighting) bool { return true })
	if assert.Len(t, all, 1) {
		assert.Equal(t, child, all[0].resource)
	}
	assert.Empty(t, l.take(func(*sighting) bool { return true }), "a leak is reported once")
	l.closed(child)
	assert.True(t, all[0].gone, "a verdict sees it go")
}

func TestSightingIsOverWhenAllSuspectsAre(t *testing.T) {
	p, q := &window{name: "P"}, &window{name: "Q"}
	g := &sighting{suspects: []*window{p, q}}
	assert.False(t, g.over())
	p.state = ended
	assert.False(t, g.over())
	q.state = ended
	assert.True(t, g.over())
	assert.True(t, (&sighting{}).over(), "nobody's is over from the start")
}
