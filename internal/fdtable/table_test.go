package fdtable

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func file(fd int32, ino uint64) Key { return Key{FD: fd, Type: 0o100000, Dev: 1, Ino: ino} }

func anon(fd int32, text uint64) Key { return Key{FD: fd, Dev: 2, Ino: 12, Anon: text} }

func TestDiff(t *testing.T) {
	tests := map[string]struct {
		before, after, opened, closed Table
	}{
		"both empty": {},
		"equal": {
			before: Table{file(0, 10), file(3, 11)},
			after:  Table{file(0, 10), file(3, 11)},
		},
		"opened at the end": {
			before: Table{file(0, 10)},
			after:  Table{file(0, 10), file(3, 11), file(4, 11)},
			opened: Table{file(3, 11), file(4, 11)},
		},
		"opened in a gap": {
			before: Table{file(0, 10), file(9, 12)},
			after:  Table{file(0, 10), file(3, 11), file(9, 12)},
			opened: Table{file(3, 11)},
		},
		"closed at the end": {
			before: Table{file(0, 10), file(3, 11)},
			after:  Table{file(0, 10)},
			closed: Table{file(3, 11)},
		},
		"closed in a gap": {
			before: Table{file(0, 10), file(3, 11), file(9, 12)},
			after:  Table{file(0, 10), file(9, 12)},
			closed: Table{file(3, 11)},
		},
		"everything closed": {
			before: Table{file(0, 10), file(3, 11)},
			closed: Table{file(0, 10), file(3, 11)},
		},
		"everything opened": {
			after:  Table{file(0, 10), file(3, 11)},
			opened: Table{file(0, 10), file(3, 11)},
		},
		"moved to another number": {
			before: Table{file(3, 11)},
			after:  Table{file(4, 11)},
			opened: Table{file(4, 11)},
			closed: Table{file(3, 11)},
		},
		"another file on the same number": {
			before: Table{file(0, 10), file(3, 11), file(4, 12)},
			after:  Table{file(0, 10), file(3, 99), file(4, 12)},
			opened: Table{file(3, 99)},
			closed: Table{file(3, 11)},
		},
		"same inode number on another device": {
			before: Table{{FD: 3, Type: 0o100000, Dev: 1, Ino: 11}},
			after:  Table{{FD: 3, Type: 0o100000, Dev: 2, Ino: 11}},
			opened: Table{{FD: 3, Type: 0o100000, Dev: 2, Ino: 11}},
			closed: Table{{FD: 3, Type: 0o100000, Dev: 1, Ino: 11}},
		},
		"inode reused for another type": {
			before: Table{{FD: 3, Type: 0o100000, Dev: 1, Ino: 11}},
			after:  Table{{FD: 3, Type: 0o010000, Dev: 1, Ino: 11}},
			opened: Table{{FD: 3, Type: 0o010000, Dev: 1, Ino: 11}},
			closed: Table{{FD: 3, Type: 0o100000, Dev: 1, Ino: 11}},
		},
		"another anonymous inode on the same number": {
			before: Table{anon(5, 100)},
			after:  Table{anon(5, 200)},
			opened: Table{anon(5, 200)},
			closed: Table{anon(5, 100)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			opened, closed := Diff(tt.before, tt.after)
			assert.Equal(t, tt.opened, opened, "opened")
			assert.Equal(t, tt.closed, closed, "closed")
		})
	}
}

func TestDiffLeavesItsArgumentsAlone(t *testing.T) {
	before := Table{file(0, 10), file(3, 11), file(4, 12)}
	after := Table{file(0, 10), file(3, 99), file(7, 13)}
	Diff(before, after)
	assert.Equal(t, Table{file(0, 10), file(3, 11), file(4, 12)}, before)
	assert.Equal(t, Table{file(0, 10), file(3, 99), file(7, 13)}, after)
}

func TestDiffOfEqualTablesDoesNotAllocate(t *testing.T) {
	before := Table{file(0, 10), file(3, 11), anon(5, 100)}
	after := Table{file(0, 10), file(3, 11), anon(5, 100)}
	assert.Zero(t, testing.AllocsPerRun(100, func() { Diff(before, after) }))
}

// random returns a table with gaps and few identities, so that two of them
// have something in common.
func random(r *rand.Rand) (t Table) {
	for fd := range int32(20) {
		if r.IntN(3) > 0 {
			t = append(t, file(fd, r.Uint64N(2)))
		}
	}
	return t
}

func TestDiffAgainstASet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	only := func(a, b Table) (left Table) {
		for _, k := range a {
			if !b.Has(k) {
				left = append(left, k)
			}
		}
		return left
	}
	for range 1000 {
		before, after := random(r), random(r)
		opened, closed := Diff(before, after)
		assert.Equal(t, only(after, before), opened)
		assert.Equal(t, only(before, after), closed)
	}
}

func TestHas(t *testing.T) {
	table := Table{file(0, 10), file(3, 11), anon(5, 100)}
	for _, k := range table {
		assert.True(t, table.Has(k), "%+v", k)
	}
	for _, k := range []Key{file(3, 10), file(1, 10), file(9, 11), anon(5, 200), {}} {
		assert.False(t, table.Has(k), "%+v", k)
	}
	assert.False(t, Table(nil).Has(file(0, 10)))
}

func TestSorted(t *testing.T) {
	assert.Equal(t, Table{file(0, 1), file(2, 3), file(10, 2)},
		Table{file(10, 2), file(0, 1), file(2, 3)}.sorted())
}
