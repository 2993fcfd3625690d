//go:build !linux && !darwin

package fdtable

// Supported reports whether descriptors can be checked on this system.
const Supported = false

// A Reader takes censuses where [Supported] is true. Here each of its methods
// fails.
type Reader struct{}

// NewReader returns a reader.
func NewReader() *Reader { return &Reader{} }

// Read returns an empty table and [ErrUnsupported].
func (*Reader) Read(buf Table) (Table, error) { return buf[:0], ErrUnsupported }

// Count returns 0 and [ErrUnsupported].
func (*Reader) Count() (int, error) { return 0, ErrUnsupported }

// Describe knows nothing but the number.
func (*Reader) Describe(k Key, _ Table) Description {
	return Description{Kind: "descriptor", Name: "unknown", PeerFD: -1}
}

// At knows no file.
func (Key) At(string) bool { return false }

// IsPipe knows no pipe.
func (Key) IsPipe() bool { return false }
