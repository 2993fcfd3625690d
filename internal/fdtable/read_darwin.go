package fdtable

import "golang.org/x/sys/unix"

// Supported reports whether descriptors can be checked on this system.
const Supported = true

// mountOf is what has to be mounted for a census.
const mountOf = "/dev"

// A Reader takes censuses of this process. It may be used by several
// goroutines at once.
type Reader struct{ path string }

// NewReader returns a reader. It holds no descriptor between censuses.
func NewReader() *Reader { return &Reader{path: "/dev/fd"} }

// Read lists every open descriptor, in buf[:0], grown as needed. Descriptors
// may be opened and closed meanwhile; one that is open all the time is
// listed, one that is not may be. On an error the table is empty and the
// error says what could not be read and what to do.
func (r *Reader) Read(buf Table) (Table, error) { return readDevFD(r.path, buf, identify) }

// Count returns how many descriptors are open: the length of a census, with
// its cost and its errors.
func (r *Reader) Count() (int, error) {
	table, err := r.Read(nil)
	return len(table), err
}

// identify asks the kernel what fd is. It is false when fd is not open.
func identify(fd int32) (Key, bool) {
	var st unix.Stat_t
	if err := fstat(int(fd), &st); err != nil {
		return Key{FD: fd}, err != unix.EBADF
	}
	k := keyOf(fd, &st)
	if k.Type == unix.S_IFSOCK && k.Ino == 0 {
		k.Anon = localHash(int(fd))
	}
	return k, true
}

// localHash hashes the local address of a socket, which stays the same from
// bind or connect to close. Only Unix sockets have an inode of their own
// (soo_stat and uipc_sense in XNU).
func localHash(fd int) uint64 {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0
	}
	local, _ := endpoint(fd, sa)
	return hash(local)
}
