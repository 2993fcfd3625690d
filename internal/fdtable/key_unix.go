//go:build linux || darwin

package fdtable

import "golang.org/x/sys/unix"

// keyOf is what fstat(2) says about fd. Anon is left 0.
func keyOf(fd int32, st *unix.Stat_t) Key {
	return Key{
		FD:   fd,
		Type: uint32(st.Mode) & unix.S_IFMT,
		Dev:  uint64(st.Dev),
		Ino:  uint64(st.Ino),
	}
}

// At reports whether path leads to the file that k refers to. It asks nothing
// about the descriptor, which may be closed.
func (k Key) At(path string) bool {
	var st unix.Stat_t
	return unix.Stat(path, &st) == nil && k == keyOf(k.FD, &st)
}

// IsPipe reports whether k is an end of a pipe.
func (k Key) IsPipe() bool { return k.Type == unix.S_IFIFO }

// fstat is fstat(2), begun anew when a signal cut it short, which some
// network and user-space file systems allow.
func fstat(fd int, st *unix.Stat_t) error {
	for {
		if err := unix.Fstat(fd, st); err != unix.EINTR {
			return err
		}
	}
}

// FNV-1a, 64 bits.
const (
	hashStart = 14695981039346656037
	hashPrime = 1099511628211
)

// hash maps a text to a number that is never 0.
func hash[T []byte | string](text T) uint64 {
	h := uint64(hashStart)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * hashPrime
	}
	return max(h, 1)
}
