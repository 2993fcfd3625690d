package recorder

import "sync"

// A Mapping is a file mapped into memory.
type Mapping struct {
	Start, End uintptr
	Opened     *Record
}

var mappings struct {
	sync.Mutex
	list []Mapping
}

// Mapped records that the calling goroutine has mapped a file at start.
func Mapped(start, length uintptr, skip int) {
	m := Mapping{Start: start, End: start + length, Opened: newRecord(skip + 1)}
	mappings.Lock()
	defer mappings.Unlock()
	mappings.list = append(cut(mappings.list, m.Start, m.End), m)
}

// Unmapped records that nothing is mapped in a range any longer.
func Unmapped(start, length uintptr) {
	mappings.Lock()
	defer mappings.Unlock()
	mappings.list = cut(mappings.list, start, start+length)
}

// Remapped records that what was mapped in a range is mapped in another one.
// What nobody saw mapped stays unknown.
func Remapped(oldStart, oldLength, start, length uintptr) {
	mappings.Lock()
	defer mappings.Unlock()
	r := at(oldStart)
	mappings.list = cut(mappings.list, oldStart, oldStart+oldLength)
	if r != nil {
		mappings.list = append(cut(mappings.list, start, start+length), Mapping{start, start + length, r})
	}
}

// cut removes a range from all mappings.
func cut(all []Mapping, start, end uintptr) []Mapping {
	var left []Mapping
	for _, m := range all {
		if m.End <= start || end <= m.Start {
			left = append(left, m)
			continue
		}
		if m.Start < start {
			left = append(left, Mapping{m.Start, start, m.Opened})
		}
		if end < m.End {
			left = append(left, Mapping{end, m.End, m.Opened})
		}
	}
	return left
}

// MappingAt returns the record of the mapping that address lies in, nil if
// nobody saw it made.
func MappingAt(address uintptr) *Record {
	mappings.Lock()
	defer mappings.Unlock()
	return at(address)
}

func at(address uintptr) *Record {
	for _, m := range mappings.list {
		if m.Start <= address && address < m.End {
			return m.Opened
		}
	}
	return nil
}

// Mappings returns what is mapped.
func Mappings() []Mapping {
	mappings.Lock()
	defer mappings.Unlock()
	return append([]Mapping(nil), mappings.list...)
}
