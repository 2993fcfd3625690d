package process

import (
	"cmp"
	"slices"
)

// A Mapping is a piece of the address space that shows a file.
type Mapping struct {
	Start, End uint64 // addresses, End excluded
	Dev, Ino   uint64 // the file, as fstat reports it
	Offset     uint64 // in the file, of Start, in bytes
	Perms      string // "rw-s": read, write, execute, shared or private
	Path       string // "/memfd:name" for a memfd
	Deleted    bool   // the file's name was removed
}

// Size returns the length of the mapping in bytes.
func (m Mapping) Size() uint64 { return m.End - m.Start }

// A view is what all pieces of one mapping have in common however it is split,
// joined or cut: the file, and where in memory its first byte would be. The
// path is not part of it: a file may be renamed while it is mapped, while its
// inode number cannot be used again before it is unmapped.
type view struct{ dev, ino, origin uint64 }

func (m Mapping) view() view { return view{m.Dev, m.Ino, m.Start - m.Offset} }

// DiffMappings returns what after maps and before does not, by address. A
// mapping that was split by mprotect, joined with its neighbour or cut by
// munmap is not new; of one that grew, only what was added is. Neighbouring
// pieces of one new mapping are returned as one, with the permissions of all.
//
// Limits: a mapping moved by mremap is new, and one unmapped and mapped again
// at the same address is not.
func DiffMappings(before, after []Mapping) []Mapping {
	known := make(map[view][]Mapping)
	for _, m := range sorted(before) {
		known[m.view()] = append(known[m.view()], m)
	}
	var fresh []Mapping
	for _, m := range sorted(after) {
		for _, piece := range without(m, known[m.view()]) {
			fresh = join(fresh, piece)
		}
	}
	return fresh
}

func sorted(ms []Mapping) []Mapping {
	return slices.SortedFunc(slices.Values(ms), func(a, b Mapping) int { return cmp.Compare(a.Start, b.Start) })
}

// without returns the parts of m that no mapping of known covers; known is
// sorted by address and of the same view.
func without(m Mapping, known []Mapping) []Mapping {
	var rest []Mapping
	for _, k := range known {
		if k.End <= m.Start {
			continue
		}
		if k.Start >= m.End {
			break
		}
		if k.Start > m.Start {
			rest = append(rest, m.between(m.Start, k.Start))
		}
		if k.End >= m.End {
			return rest
		}
		m = m.between(k.End, m.End)
	}
	return append(rest, m)
}

// between returns the part of m from start to end.
func (m Mapping) between(start, end uint64) Mapping {
	m.Offset += start - m.Start
	m.Start, m.End = start, end
	return m
}

// join appends m, or lengthens the last mapping by it if they are one.
func join(ms []Mapping, m Mapping) []Mapping {
	if last := len(ms) - 1; last >= 0 && ms[last].End == m.Start && ms[last].view() == m.view() {
		ms[last].End = m.End
		ms[last].Perms = joinPerms(ms[last].Perms, m.Perms)
		return ms
	}
	return append(ms, m)
}

func joinPerms(a, b string) string {
	joined := []byte(a)
	for i := range min(len(a), len(b)) {
		if joined[i] == '-' {
			joined[i] = b[i]
		}
	}
	return string(joined)
}
