package resources

import (
	"fmt"
	"reflect"
	"sync"
	"syscall"
)

// Mappable is what [Map] needs of a file. An [os.File] has it.
type Mappable interface {
	Name() string
	syscall.Conn
}

// A Mapping is a part of a file that is mapped to memory, tracked as a
// "mapping" until Close.
//
// A Mapping that is dropped without Close counts as lost, and the memory stays
// mapped until the program ends: there is nobody left who could unmap it. Bytes
// alone do not keep the Mapping.
//
// All methods may be called from any goroutine.
type Mapping struct {
	handle
	name string
	mu   sync.RWMutex // held while the memory must not change hands
	data []byte       // nil once unmapped
}

// Map maps length bytes of f from offset on, which is a multiple of the page
// size, as mmap(2) does. prot and flags are the system's own, such as
// PROT_READ and MAP_SHARED of package golang.org/x/sys/unix. The mapping stays
// when f is closed, and does not keep it open. To touch a page beyond the end
// of the file ends the program with SIGBUS, as it does without this package.
//
// The error wraps that of mmap(2), or is [errors.ErrUnsupported] on systems
// that are not Unix.
func Map(f Mappable, offset int64, length, prot, flags int, opts ...Option) (*Mapping, error) {
	if lacksFile(f) {
		return nil, fmt.Errorf("resources: mapping %d bytes from offset %d: the file is nil; pass one that is open", length, offset)
	}
	name, data, err := mapFile(f, offset, length, prot, flags)
	if err != nil {
		return nil, err
	}
	m := &Mapping{name: name, data: data}
	m.open(m, nil, name, "mapping", opts)
	return m, nil
}

// Bytes returns the memory, nil after Close. It must not be touched after
// Close: that ends the program with SIGSEGV, or changes what is mapped there by
// then.
func (m *Mapping) Bytes() []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.data
}

// Sync writes changes of a shared mapping to the file and waits for that, as
// msync(2) does with MS_SYNC. The error wraps that of msync(2), EINVAL after
// Close.
func (m *Mapping) Sync() error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := syncMemory(m.data); err != nil {
		return fmt.Errorf("resources: writing the mapping of %s to the file: %w", m.name, m.explain(err))
	}
	return nil
}

// Close unmaps the memory, as munmap(2) does, and ends the tracking whatever
// the error. Changes of a shared mapping are not lost. The error wraps that of
// munmap(2), EINVAL for a second Close, which changes nothing.
func (m *Mapping) Close() error {
	err := m.unmap()
	m.close(m, err)
	return err
}

func (m *Mapping) unmap() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := unmapMemory(m.data)
	if err != nil {
		err = fmt.Errorf("resources: unmapping %s: %w", m.name, m.explain(err))
	}
	m.data = nil
	return err
}

// explain adds to err what munmap(2) and msync(2) cannot know.
func (m *Mapping) explain(err error) error {
	if m.data == nil {
		return fmt.Errorf("%w; it is closed already", err)
	}
	return err
}

// lacksFile reports whether f is nil or a nil pointer, whose methods may panic.
func lacksFile(f Mappable) bool {
	v := reflect.ValueOf(f)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
