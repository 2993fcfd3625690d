package fdtable

import (
	"os"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// A subject is one descriptor being described, with what was asked already.
type subject struct {
	Key
	fd    int
	st    unix.Stat_t
	link  string // text of /proc/self/fd/N, "" when it cannot be read
	flags int    // F_GETFL
	all   Table
	dir   *reserve
}

// Describe says what k is. All is the census that k is from; the other end of
// a pipe or a pair of sockets is looked for in it. It is meant for the few
// descriptors that a comparison found: each costs several system calls.
//
// It works without a free descriptor: what only /proc/self/fdinfo or a
// netlink socket tells is asked with the reader's own descriptor given back
// for the moment, and left out if that fails. When the number has been closed
// or reused since the census, the description says so and tells what k was as
// far as its identity shows.
func (r *Reader) Describe(k Key, all Table) Description {
	s := subject{Key: k, fd: int(k.FD), all: all, dir: r.dir}
	s.link, _ = os.Readlink(r.dir.entry("", k.FD))
	switch now, open := s.now(); {
	case !open:
		return describeByKey(k, closedSince)
	case now != k:
		return describeByKey(k, reusedSince)
	}
	s.flags = flagsOf(s.fd)
	return s.describe()
}

// now is what the number refers to at present, as [reserve.identify] has it.
// It leaves what fstat said in s.st.
func (s *subject) now() (Key, bool) {
	err := fstat(s.fd, &s.st)
	if err == unix.EBADF {
		return Key{}, false
	}
	k := Key{FD: s.FD}
	if err == nil {
		k = keyOf(s.FD, &s.st)
	}
	if k.Type == 0 && s.link != "" {
		k.Anon = hash(s.link[:min(len(s.link), len(s.dir.link))])
	}
	return k, true
}

// namespaceLink is the link text of a namespace, see namespaces(7).
var namespaceLink = regexp.MustCompile(`^[a-z_]+:\[[0-9]+\]$`)

func (s *subject) describe() Description {
	anon, isAnon := strings.CutPrefix(s.link, anonPrefix)
	memfd, isMemfd := strings.CutPrefix(s.link, "/memfd:")
	switch {
	case s.link == "" && s.Type != unix.S_IFSOCK && s.Type != unix.S_IFIFO:
		return describeByKey(s.Key, modeWords(s.flags))
	case s.flags&unix.O_PATH != 0:
		return s.onlyPath()
	case s.Type == unix.S_IFSOCK:
		return s.socket()
	case s.Type == unix.S_IFIFO:
		return s.pipe()
	case isAnon:
		return s.anonymous(anon)
	case s.Type == unix.S_IFCHR || s.Type == unix.S_IFBLK:
		return s.device()
	case s.Type == unix.S_IFDIR:
		return s.named("directory", "")
	case isMemfd && s.st.Nlink == 0:
		return s.memfd(memfd)
	case namespaceLink.MatchString(s.link):
		return Description{Kind: "namespace", Name: s.link, PeerFD: -1}
	default:
		return s.named("file", modeWords(s.flags), offsetWords(s.fd))
	}
}

// named describes what has a path.
func (s *subject) named(kind string, details ...string) Description {
	path, deleted := s.path()
	details = append(details, when(deleted, "deleted"))
	return Description{Kind: kind, Name: path, Path: path, Detail: commas(details...), PeerFD: -1}
}

// path splits the link text into the path and whether the file was deleted,
// which the kernel says by appending " (deleted)". A file may have a name
// that ends so, and one with another hard link is deleted under this one.
func (s *subject) path() (path string, deleted bool) {
	path, marked := strings.CutSuffix(s.link, " (deleted)")
	if !marked {
		return path, false
	}
	var st unix.Stat_t
	if s.st.Nlink > 0 && unix.Lstat(s.link, &st) == nil && st.Dev == s.st.Dev && st.Ino == s.st.Ino {
		return s.link, false
	}
	return path, true
}

// onlyPath describes a descriptor opened with O_PATH: it names a place in the
// file system and can do little else, see open(2).
func (s *subject) onlyPath() Description {
	return s.named(typeKinds[s.Type], "path only (O_PATH)")
}

// memfd describes a file of memfd_create(2); rest is the link text after
// "/memfd:".
func (s *subject) memfd(rest string) Description {
	name := strings.TrimSuffix(rest, " (deleted)")
	if name == "" {
		name = "unnamed"
	}
	return Description{
		Kind: "memfd", Name: name, PeerFD: -1,
		Detail: commas(modeWords(s.flags), offsetWords(s.fd)),
	}
}
