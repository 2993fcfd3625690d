package fakes

import (
	"slices"
	"sync"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A System is an operating system whose tables hold what they are told to.
type System struct {
	mu       sync.Mutex
	table    fdtable.Table
	names    map[fdtable.Key]fdtable.Description
	children []process.Child
	mappings []process.Mapping
	err      error

	// OnDescribe, if not nil, is called with what is about to be described.
	OnDescribe func(fdtable.Key)
}

// Open adds a descriptor of the given number and identity, called name.
func (s *System) Open(fd int32, ino uint64, name string) fdtable.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := fdtable.Key{FD: fd, Ino: ino, Type: 0o100000}
	s.table = append(s.table, k)
	slices.SortFunc(s.table, func(a, b fdtable.Key) int { return int(a.FD - b.FD) })
	if s.names == nil {
		s.names = make(map[fdtable.Key]fdtable.Description)
	}
	s.names[k] = fdtable.Description{Kind: "file", Name: name, Path: name, PeerFD: -1}
	return k
}

// Close removes a descriptor.
func (s *System) Close(k fdtable.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table = slices.DeleteFunc(s.table, func(o fdtable.Key) bool { return o == k })
}

// Fail makes every later listing of descriptors return err.
func (s *System) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Child adds a child process.
func (s *System) Child(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.children = append(s.children, process.Child{PID: pid})
}

// Map adds a mapping.
func (s *System) Map(m process.Mapping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mappings = append(s.mappings, m)
}

// Descriptors lists what is open.
func (s *System) Descriptors(buf fdtable.Table) (fdtable.Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(buf, s.table...), s.err
}

// Describe returns the name that Open was given.
func (s *System) Describe(k fdtable.Key, _ fdtable.Table) fdtable.Description {
	if s.OnDescribe != nil {
		s.OnDescribe(k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[k]
}

// Children lists nothing unless it was told to.
func (s *System) Children() ([]process.Child, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.children), nil
}

// Mappings lists what Map added.
func (s *System) Mappings() ([]process.Mapping, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mappings), nil
}
