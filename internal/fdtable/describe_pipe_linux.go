package fdtable

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// pipe describes a pipe, or a FIFO, which is a pipe with a path.
func (s *subject) pipe() Description {
	if s.link != "" && !strings.HasPrefix(s.link, "pipe:[") {
		return s.named("fifo", modeWords(s.flags))
	}
	d := Description{Kind: "pipe", Name: label(s.Key), PeerFD: s.otherEnd()}
	unread := s.unread()
	d.Detail = endWord(s.flags)
	if d.PeerFD >= 0 {
		d.Detail = fmt.Sprintf("%s; %s is fd %d of this process",
			d.Detail, endWord(flagsOf(d.PeerFD)), d.PeerFD)
		d.PooledPipe = unread == 0 && spliceSized(s.fd) && spliceSized(d.PeerFD)
	}
	if unread > 0 {
		d.Detail = commas(d.Detail, count(unread, "byte", "bytes")+" unread")
	}
	return d
}

// otherEnd looks for a descriptor of this process on the same pipe that can
// do what this one cannot. It is -1 when there is none.
func (s *subject) otherEnd() int {
	if s.flags&unix.O_ACCMODE == unix.O_RDWR {
		return -1
	}
	return s.find(s.Ino, func(fd int) bool {
		return flagsOf(fd)&unix.O_ACCMODE != s.flags&unix.O_ACCMODE
	})
}

// find returns the first other descriptor in the census of the type and
// device of this one with the given inode, if it suits, else -1.
func (s *subject) find(ino uint64, suits func(fd int) bool) int {
	for _, k := range s.all {
		if k.FD != s.FD && k.Type == s.Type && k.Dev == s.Dev && k.Ino == ino && suits(int(k.FD)) {
			return int(k.FD)
		}
	}
	return -1
}

// unread is how many bytes are in the pipe.
func (s *subject) unread() int {
	n, err := unix.IoctlGetInt(s.fd, unix.TIOCINQ) // FIONREAD by another name
	if err != nil {
		return 0
	}
	return n
}

// maxSpliceSize is the size that newPipe in internal/poll/splice_linux.go
// gives to the pipes it pools. Nothing else is likely to: a pipe has 64 KiB.
// Where the kernel refuses that size (pipe(7), pipe-user-pages-soft), pooled
// pipes cannot be told from others.
const maxSpliceSize = 1 << 20

// spliceSized reports whether fd looks like an end of a pooled splice pipe.
func spliceSized(fd int) bool {
	size, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
	return err == nil && size == maxSpliceSize && flagsOf(fd)&unix.O_NONBLOCK != 0
}
