// Package fdtable lists the open descriptors of this process and tells what
// each of them is.
//
// A census is a [Table]: the number and the identity of every descriptor. The
// kernel hands the lowest free number out again at once, so a number alone
// says nothing about whether a descriptor is still the one it was. Comparing
// two tables is pure ([Diff]); asking the operating system is the work of a
// [Reader], and only those descriptors that a comparison found are described,
// which costs a few system calls each ([Reader.Describe]).
package fdtable

import "slices"

// A Key identifies one open descriptor: its number and what it refers to.
// Two descriptors with the same number and an equal Key may still be
// different ones: the same file opened again, or one eventfd after another,
// which the kernel gives nothing cheap to tell apart by.
type Key struct {
	FD   int32
	Type uint32 // S_IFMT bits of st_mode; 0 for anonymous inodes
	Dev  uint64 // st_dev
	Ino  uint64 // st_ino
	// Anon tells apart what shares one device and inode, and is 0 for all
	// else. On Linux eventfd, epoll, inotify, timerfd and signalfd share one
	// inode, and Anon is a hash of the link text, such as
	// "anon_inode:[eventfd]". On Darwin internet sockets have inode 0, and
	// Anon is a hash of the local address.
	Anon uint64
}

// A Table is a census: every open descriptor, in ascending order of FD.
type Table []Key

// Has reports whether k, number and identity, is in t.
func (t Table) Has(k Key) bool {
	i, ok := slices.BinarySearchFunc(t, k, byNumber)
	return ok && t[i] == k
}

// Diff compares two tables. Opened holds what only after has, closed what
// only before has, each sorted by FD. A number that refers to something else
// than before is in both. Equal tables give two nil ones, and no allocation.
func Diff(before, after Table) (opened, closed Table) {
	for len(before) > 0 && len(after) > 0 {
		b, a := before[0], after[0]
		if b != a && a.FD <= b.FD {
			opened = append(opened, a)
		}
		if b != a && b.FD <= a.FD {
			closed = append(closed, b)
		}
		if a.FD <= b.FD {
			after = after[1:]
		}
		if b.FD <= a.FD {
			before = before[1:]
		}
	}
	return append(opened, after...), append(closed, before...)
}

// byNumber orders keys by FD.
func byNumber(a, b Key) int { return int(a.FD) - int(b.FD) }

// sorted returns t in ascending order of FD. Kernels list descriptors in
// that order already, so this is a check, seldom a sort.
func (t Table) sorted() Table {
	if !slices.IsSortedFunc(t, byNumber) {
		slices.SortFunc(t, byNumber)
	}
	return t
}
