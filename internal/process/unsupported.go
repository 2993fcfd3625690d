//go:build !linux

package process

// HasChildren reports false: children are listed on Linux only.
func HasChildren() bool { return false }

// Children lists nothing: children are listed on Linux only.
func Children() ([]Child, error) { return nil, nil }

// Describe knows nothing: children are listed on Linux only.
func (c Child) Describe() ChildInfo { return ChildInfo{} }

// Mappings lists nothing: mappings are listed on Linux only.
func Mappings() ([]Mapping, error) { return nil, nil }
