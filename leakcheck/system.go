package leakcheck

import (
	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/process"
)

// A system is what a verdict asks of the operating system. The tests put a
// fake in its place for what cannot be provoked.
type system interface {
	// Descriptors lists the open descriptors, appending to buf.
	Descriptors(buf fdtable.Table) (fdtable.Table, error)
	// Describe says what k is. It may be closed in the meantime.
	Describe(k fdtable.Key, all fdtable.Table) fdtable.Description
	// Children lists the child processes that were not waited for.
	Children() ([]process.Child, error)
	// Mappings lists the file mappings.
	Mappings() ([]process.Mapping, error)
}

// operatingSystem is the real one.
type operatingSystem struct{ reader *fdtable.Reader }

func newOperatingSystem() operatingSystem {
	return operatingSystem{fdtable.NewReader()}
}

func (o operatingSystem) Descriptors(buf fdtable.Table) (fdtable.Table, error) {
	return o.reader.Read(buf)
}

func (o operatingSystem) Describe(k fdtable.Key, all fdtable.Table) fdtable.Description {
	return o.reader.Describe(k, all)
}

// Children asks the cheap question first: nearly every test has none.
func (operatingSystem) Children() ([]process.Child, error) {
	if !process.HasChildren() {
		return nil, nil
	}
	return process.Children()
}

func (operatingSystem) Mappings() ([]process.Mapping, error) { return process.Mappings() }
