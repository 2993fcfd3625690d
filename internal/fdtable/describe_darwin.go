package fdtable

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Describe says what k is. All is not needed here: the kernel does not tell
// which two descriptors are the ends of one pipe. It needs no free
// descriptor. When the number has been closed or reused since the census, the
// description says so and tells what k was as far as its identity shows.
func (r *Reader) Describe(k Key, _ Table) Description {
	switch now, open := identify(k.FD); {
	case !open:
		return describeByKey(k, closedSince)
	case now != k:
		return describeByKey(k, reusedSince)
	}
	fd := int(k.FD)
	flags, path := flagsOf(fd), pathOf(fd)
	switch {
	case k.Type == unix.S_IFSOCK:
		return socketOf(fd).describe(k)
	case k.Type == unix.S_IFIFO && path == "":
		return describePipe(k, flags)
	case path == "":
		return describeByKey(k, modeWords(flags))
	}
	return Description{Kind: pathKind(k, path), Name: path, Path: path, PeerFD: -1,
		Detail: commas(modeWords(flags), fileOffset(k), when(deleted(fd), "deleted"))}
}

// describePipe describes what is a FIFO without a path: a pipe, or a kqueue,
// which has no inode (kqueue_stat in XNU).
func describePipe(k Key, flags int) Description {
	if k.Ino == 0 {
		return Description{Kind: "kqueue", Name: "kqueue", PeerFD: -1}
	}
	return Description{Kind: "pipe", Name: label(k), Detail: endWord(flags), PeerFD: -1}
}

func pathKind(k Key, path string) string {
	switch {
	case k.Type == unix.S_IFIFO:
		return "fifo"
	case strings.HasPrefix(path, "/dev/ttys") || path == "/dev/ptmx":
		return "pty"
	case k.Type == 0:
		return "descriptor"
	default:
		return typeKinds[k.Type]
	}
}

// fileOffset is [offsetWords] for a regular file, else nothing.
func fileOffset(k Key) string {
	if k.Type != unix.S_IFREG {
		return ""
	}
	return offsetWords(int(k.FD))
}

func deleted(fd int) bool {
	var st unix.Stat_t
	return fstat(fd, &st) == nil && st.Nlink == 0
}

// pathBuf is where F_GETPATH writes. It is not on a stack, which may move
// while its address is an integer.
var (
	pathMu  sync.Mutex
	pathBuf [unix.PathMax]byte
)

// pathOf is what F_GETPATH of fcntl(2) says, or nothing.
func pathOf(fd int) string {
	pathMu.Lock()
	defer pathMu.Unlock()
	pathBuf = [unix.PathMax]byte{}
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETPATH, int(uintptr(unsafe.Pointer(&pathBuf[0]))))
	if err != nil {
		return ""
	}
	path, _, _ := bytes.Cut(pathBuf[:], []byte{0})
	return string(path)
}

// socketOf asks what the socket fd is. The family is that of its address.
func socketOf(fd int) socket {
	option := func(name int) int {
		value, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, name)
		if err != nil {
			return 0
		}
		return value
	}
	return socket{
		fd:        fd,
		domain:    familyOf(fd),
		typ:       option(unix.SO_TYPE),
		listening: option(unix.SO_ACCEPTCONN) != 0,
	}
}

func familyOf(fd int) int {
	switch sa, _ := unix.Getsockname(fd); sa.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET
	case *unix.SockaddrInet6:
		return unix.AF_INET6
	case *unix.SockaddrUnix:
		return unix.AF_UNIX
	case *unix.SockaddrVM:
		return unix.AF_VSOCK
	default:
		return unix.AF_UNSPEC
	}
}

// tcpStates are those of netinet/tcp_fsm.h.
var tcpStates = [...]string{
	0: "not connected", 1: "listening", 2: "syn-sent", 3: "syn-recv", 4: "established", 5: "close-wait",
	6: "fin-wait-1", 7: "closing", 8: "last-ack", 9: "fin-wait-2", 10: "time-wait",
}

// tcpState names the state of a TCP connection, or nothing.
func tcpState(fd int) string {
	info, err := unix.GetsockoptTCPConnectionInfo(fd, unix.IPPROTO_TCP, unix.TCP_CONNECTION_INFO)
	if err != nil || int(info.State) >= len(tcpStates) {
		return ""
	}
	return tcpStates[info.State]
}

// domainKind and otherName are for families that have no address to show.
func domainKind(int) string      { return "socket" }
func (socket) otherName() string { return "" }

// zone is the number of a network interface; the name takes a descriptor.
func zone(_ int, index uint32) string { return strconv.Itoa(int(index)) }

// kindOfAnon has nothing to look up here.
func kindOfAnon(uint64) (kind, name string) { return "descriptor", "unknown" }
