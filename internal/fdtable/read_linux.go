package fdtable

import "golang.org/x/sys/unix"

// Supported reports whether descriptors can be checked on this system.
const Supported = true

// mountOf is what has to be mounted for a census.
const mountOf = "/proc"

// own is the one descriptor this package holds, shared by every [Reader], so
// that none of them lists that of another.
var own = &reserve{path: "/proc/self/fd"}

// A Reader takes censuses of this process. It may be used by several
// goroutines at once.
type Reader struct{ dir *reserve }

// NewReader returns a reader. Nothing is opened before its first use; from
// then on the process holds one descriptor on /proc/self/fd, closed on exec,
// however many readers there are, and no census shows it.
func NewReader() *Reader { return &Reader{dir: own} }

// Read lists every open descriptor but the reader's own and returns the list
// in buf[:0], grown as needed: with room in buf it does not allocate.
// Descriptors may be opened and closed meanwhile; one that is open all the
// time is listed, one that is not may be. On an error the table is empty and
// the error says what could not be read and what to do: without a mounted
// /proc there is no census, and the first one, or one after the program
// closed the reader's descriptor, needs a free descriptor.
func (r *Reader) Read(buf Table) (Table, error) {
	r.dir.mu.Lock()
	defer r.dir.mu.Unlock()
	if _, err := r.dir.claim(); err != nil {
		return buf[:0], err
	}
	table := buf[:0]
	err := r.dir.each(func(fd int32, name []byte) {
		if k, ok := r.dir.identify(fd, name); ok {
			table = append(table, k)
		}
	})
	if err != nil {
		return buf[:0], unreadable("listing", r.dir.path, err)
	}
	return table.sorted(), nil
}

// Count returns how many descriptors are open, the reader's own not counted.
// Since Linux 6.2 it is one fstat(2): proc(5) gives the count as the size of
// /proc/self/fd. Before that the entries are counted. Errors are those of
// [Reader.Read], except that since 6.2 it works without a free descriptor.
func (r *Reader) Count() (int, error) {
	r.dir.mu.Lock()
	defer r.dir.mu.Unlock()
	size, err := r.dir.claim()
	if err == nil {
		return r.counted(size)
	}
	if full(err) && unix.Stat(r.dir.path, &r.dir.st) == nil && r.dir.st.Size > 0 {
		return int(r.dir.st.Size), nil
	}
	return 0, err
}

// counted is how many descriptors but the reader's own are open, by the size
// of the directory, or by counting where the kernel gives no size.
func (r *Reader) counted(size int64) (int, error) {
	if size > 0 {
		return int(size) - 1, nil
	}
	n, err := r.dir.count()
	if err != nil {
		return 0, unreadable("listing", r.dir.path, err)
	}
	return n, nil
}
