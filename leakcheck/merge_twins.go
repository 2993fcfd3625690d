package leakcheck

import (
	"slices"
	"strconv"
	"strings"
)

// Some things are seen twice: by `leakcheck test` in the standard library, and
// by the stand-in of package resources below or above it. And a connection of a
// database is out of its pool because of what is done with it. Both are one
// missing Close on one line.

// seenTwice are the kinds that both track.
var seenTwice = []string{"body", "rows", "statement", "transaction", "connection", "database"}

// mergeTwins drops of what was opened by one line, for one test, and has one of
// those kinds, what was seen in the standard library for as much as the program
// told: that has the name that the program knows it by.
func mergeTwins(leaks []Leak) []Leak {
	told := make(map[string]int)
	for _, l := range leaks {
		if l.told && slices.Contains(seenTwice, l.Kind) {
			told[l.Kind+l.origin()]++
		}
	}
	return slices.DeleteFunc(leaks, func(l Leak) bool { return !l.told && take(told, l.Kind+l.origin()) })
}

// mergeDatabase drops the connections, and the goroutines that wait for the end
// of transactions, that rows, statements and transactions keep.
func mergeDatabase(leaks []Leak) []Leak {
	keepers, transactions := make(map[string]int), 0
	for _, l := range leaks {
		switch l.Kind {
		case "rows", "statement":
			keepers[l.origin()]++
		case "transaction":
			keepers[l.origin()]++
			transactions++
		}
	}
	waiting := 0
	for _, l := range leaks {
		if l.awaitsTransaction() {
			waiting++
		}
	}
	return slices.DeleteFunc(leaks, func(l Leak) bool {
		return l.Kind == "connection" && take(keepers, l.origin()) || l.awaitsTransaction() && waiting == transactions
	})
}

// awaitsTransaction reports whether l is the goroutine that database/sql has for
// a transaction until its end.
func (l Leak) awaitsTransaction() bool {
	return l.Kind == "goroutine" && l.Name == "database/sql.(*Tx).awaitDone"
}

// take takes one of what is counted under key. It reports whether there was one.
func take[K comparable](counts map[K]int, key K) bool {
	if counts[key] == 0 {
		return false
	}
	counts[key]--
	return true
}

// origin tells apart where leaks come from: the test and the line.
func (l Leak) origin() string {
	var b strings.Builder
	b.WriteString(" " + l.Owner)
	if len(l.Stack) > 0 {
		f := l.Stack[0]
		b.WriteString(" " + f.File + ":" + strconv.Itoa(f.Line))
	}
	return b.String()
}
