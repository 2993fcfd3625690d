package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func kindsOf(leaks []Leak) (kinds []string) {
	for _, l := range leaks {
		kinds = append(kinds, l.Kind)
	}
	return kinds
}

func at(kind string, line int) Leak {
	return Leak{Kind: kind, Owner: "Test", Stack: []Frame{{Function: "f", File: "f.go", Line: line}}}
}

func told(l Leak) Leak {
	l.told = true
	return l
}

func TestWhatIsSeenTwiceIsOneLeak(t *testing.T) {
	leaks := []Leak{at("rows", 1), told(at("rows", 1)), told(at("rows", 2)), at("body", 3), told(at("body", 3)), told(at("lease", 1))}
	got := mergeTwins(leaks)
	assert.Equal(t, []string{"rows", "rows", "body", "lease"}, kindsOf(got))
	assert.Equal(t, 2, got[1].Stack[0].Line, "another line's stays")
}

func TestTwoOfALineStayTwo(t *testing.T) {
	leaks := []Leak{at("rows", 1), at("rows", 1), told(at("rows", 1)), told(at("rows", 1)), told(at("rows", 1))}
	assert.Len(t, mergeTwins(leaks), 3, "one was seen by the stand-in only")
}

func TestTheConnectionOfRowsIsTheirs(t *testing.T) {
	leaks := []Leak{at("connection", 1), at("rows", 1), at("connection", 1), at("connection", 2)}
	assert.Equal(t, []string{"rows", "connection", "connection"}, kindsOf(mergeDatabase(leaks)))
}

func TestTheGoroutineOfATransactionIsItsOwn(t *testing.T) {
	waiting := Leak{Kind: "goroutine", Name: "database/sql.(*Tx).awaitDone"}
	assert.Equal(t, []string{"transaction"}, kindsOf(mergeDatabase([]Leak{at("transaction", 1), waiting})))
	assert.Len(t, mergeDatabase([]Leak{waiting}), 1, "somebody else's stays")
}
