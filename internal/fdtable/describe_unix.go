//go:build linux || darwin

package fdtable

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// typeKinds is the Kind that the S_IFMT bits alone suggest.
var typeKinds = map[uint32]string{
	unix.S_IFREG:  "file",
	unix.S_IFDIR:  "directory",
	unix.S_IFIFO:  "pipe",
	unix.S_IFSOCK: "socket",
	unix.S_IFCHR:  "device",
	unix.S_IFBLK:  "device",
	unix.S_IFLNK:  "symlink",
}

// describeByKey is all that can be said when the number does not refer to k
// any more (why), or the kernel does not say more.
func describeByKey(k Key, why string) Description {
	d := Description{Kind: typeKinds[k.Type], Detail: why, PeerFD: -1}
	switch {
	case k.Type == 0:
		d.Kind, d.Name = kindOfAnon(k.Anon)
	case k.Type == unix.S_IFSOCK || k.Type == unix.S_IFIFO:
		d.Name = label(k)
	default:
		d.Name = fmt.Sprintf("inode %d on device %d:%d", k.Ino, unix.Major(k.Dev), unix.Minor(k.Dev))
	}
	if d.Kind == "" {
		d.Kind = "descriptor"
	}
	return d
}

// label is what Linux calls a pipe or a socket, for lack of a better name.
func label(k Key) string { return fmt.Sprintf("%s:[%d]", typeKinds[k.Type], k.Ino) }

// Why a descriptor cannot be described.
const (
	closedSince = "closed since it was listed"
	reusedSince = "closed since it was listed, the number is in use again"
)

// modeWords says for what a file was opened, from the flags of F_GETFL.
func modeWords(flags int) string {
	word := map[int]string{
		unix.O_RDONLY: "read-only",
		unix.O_WRONLY: "write-only",
		unix.O_RDWR:   "read-write",
	}[flags&unix.O_ACCMODE]
	if flags&unix.O_APPEND != 0 {
		return commas(word, "append")
	}
	return word
}

// offsetWords says how far a file was read or written. It is empty at the
// start and for what has no offset.
func offsetWords(fd int) string {
	offset, err := unix.Seek(fd, 0, io.SeekCurrent)
	if err != nil || offset <= 0 {
		return ""
	}
	return count(offset, "byte", "bytes") + " in"
}

// endWord says which end of a pipe was opened with flags.
func endWord(flags int) string {
	switch flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		return "read end"
	case unix.O_WRONLY:
		return "write end"
	default:
		return "both ends"
	}
}

// count is n and the noun in the right number.
func count[N int | int64](n N, one, many string) string {
	if n == 1 {
		return fmt.Sprint(n, " ", one)
	}
	return fmt.Sprint(n, " ", many)
}

// commas joins those parts that are not empty.
func commas(parts ...string) string {
	said := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// when is text if cond holds, else nothing.
func when(cond bool, text string) string {
	if cond {
		return text
	}
	return ""
}

// flagsOf is what F_GETFL says, or 0.
func flagsOf(fd int) int {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return 0
	}
	return flags
}
