package fdtable

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A reserve is one descriptor held open on the directory that lists the
// descriptors. Holding it saves an open per census and lets a census work
// when no descriptor is free.
//
// The program under test owns the number space and may close the number or
// use it for something else: a loop that closes everything above 2 does both
// in time. So every use begins with [reserve.claim].
type reserve struct {
	path string

	mu   sync.Mutex // guards all below, and the offset of the directory
	held bool
	fd   int
	dev  uint64
	ino  uint64

	st      unix.Stat_t
	entries [32 << 10]byte // about 1,300 descriptors per getdents64
	link    [64]byte       // the start of a link text, enough to tell anonymous inodes apart
}

// claim makes sure that r.fd is this reserve's directory, opening it when it
// is not there (any more), and returns the st_size of the directory: since
// Linux 6.2 the number of open descriptors, r.fd included, before that 0. A
// number that turned out to be somebody else's is left alone.
func (r *reserve) claim() (size int64, err error) {
	if r.ours() {
		return r.st.Size, nil
	}
	fd, err := unix.Open(r.path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, unreadable("reading", r.path, err)
	}
	if err := fstat(fd, &r.st); err != nil {
		unix.Close(fd)
		return 0, unreadable("reading", r.path, err)
	}
	r.held, r.fd = true, fd
	r.dev, r.ino = uint64(r.st.Dev), r.st.Ino
	return r.st.Size, nil
}

// ours reports whether the held number still refers to the directory, and
// leaves what fstat said in r.st.
func (r *reserve) ours() bool {
	if !r.held {
		return false
	}
	err := fstat(r.fd, &r.st)
	r.held = err == nil && uint64(r.st.Dev) == r.dev && r.st.Ino == r.ino
	return r.held
}

// errDirent means that getdents64 wrote what getdents(2) does not describe.
var errDirent = errors.New("malformed directory entry")

// Offsets in struct linux_dirent64, see getdents(2).
const (
	direntReclen = 16
	direntName   = 19
)

// each calls visit for every listed number but the held one, in the order of
// the kernel, which is ascending. The name is the number with a NUL after it
// and is only valid during the call. claim must have succeeded.
func (r *reserve) each(visit func(fd int32, name []byte)) error {
	if _, err := unix.Seek(r.fd, 0, io.SeekStart); err != nil {
		return err
	}
	for {
		// A signal makes the kernel return early with what it has (filldir64
		// in fs/readdir.c), so only an empty answer is the end.
		n, err := unix.Getdents(r.fd, r.entries[:])
		if err != nil || n <= 0 {
			return err
		}
		if err := r.parse(r.entries[:n], visit); err != nil {
			return err
		}
	}
}

// count returns how many numbers are listed. claim must have succeeded.
func (r *reserve) count() (n int, err error) {
	err = r.each(func(int32, []byte) { n++ })
	return n, err
}

// parse calls visit for each number among the entries of one getdents64.
func (r *reserve) parse(entries []byte, visit func(fd int32, name []byte)) error {
	for len(entries) > 0 {
		if len(entries) <= direntName {
			return errDirent
		}
		n := int(binary.NativeEndian.Uint16(entries[direntReclen:]))
		if n <= direntName || n > len(entries) {
			return errDirent
		}
		name := entries[direntName:n]
		entries = entries[n:]
		if fd, ok := number(name); ok && int(fd) != r.fd {
			visit(fd, name)
		}
	}
	return nil
}

// number parses decimal digits up to a NUL. The entries "." and ".." are not
// numbers.
func number(name []byte) (fd int32, ok bool) {
	for _, c := range name {
		if c == 0 {
			return fd, ok
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		fd, ok = fd*10+int32(c-'0'), true
	}
	return 0, false
}

// identify asks the kernel what the descriptor with the given number and
// NUL-terminated name is. It is false for one closed meanwhile.
func (r *reserve) identify(fd int32, name []byte) (Key, bool) {
	err := fstat(int(fd), &r.st)
	if err == unix.EBADF {
		return Key{}, false
	}
	if err != nil {
		// The file system does not answer (a dead FUSE or NFS server), but
		// the descriptor is there, and the link text is the kernel's own.
		return Key{FD: fd, Anon: r.linkHash(name)}, true
	}
	k := keyOf(fd, &r.st)
	if k.Type == 0 {
		k.Anon = r.linkHash(name)
	}
	return k, true
}

// linkHash hashes the start of the link text, without allocating the text or
// the name. It is 0 when there is nothing to read.
func (r *reserve) linkHash(name []byte) uint64 {
	n, _, errno := unix.Syscall6(unix.SYS_READLINKAT, uintptr(r.fd),
		uintptr(unsafe.Pointer(&name[0])),
		uintptr(unsafe.Pointer(&r.link[0])), uintptr(len(r.link)), 0, 0)
	if errno != 0 {
		return 0
	}
	return hash(r.link[:n])
}

// spare runs f, which opens a descriptor for the moment and returns the error
// of that. When none is free it runs f again with the held one given back,
// and then takes that again; should another goroutine have been faster, the
// next census tries once more.
func (r *reserve) spare(f func() error) error {
	err := f()
	if !full(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ours() {
		return err
	}
	unix.Close(r.fd)
	r.held = false
	err = f()
	_, _ = r.claim()
	return err
}

// readFile returns the content of a small file, such as those in /proc. It
// needs one descriptor, or the held one.
func (r *reserve) readFile(path string) (content string, err error) {
	err = r.spare(func() error {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		content, err = readAll(fd)
		return err
	})
	return content, err
}

func readAll(fd int) (string, error) {
	var all []byte
	buf := make([]byte, 4<<10)
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return string(all), err
		}
		all = append(all, buf[:n]...)
	}
}

// entry is the path of what the directory, or with a suffix a sibling such as
// /proc/self/fdinfo, says about fd.
func (r *reserve) entry(suffix string, fd int32) string {
	return r.path + suffix + "/" + strconv.Itoa(int(fd))
}
