//go:build linux || darwin

package fdtable

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// readDevFD lists the descriptors named in the directory path, which is
// /dev/fd, and appends what identify says about each to buf[:0]. Identify is
// false for a number that is not open.
//
// Reading a directory takes one descriptor on Linux and two on Darwin, where
// fdopendir(3) needs its own. All are closed again before the first number is
// identified, and so never identified themselves. When none is free, every
// number below the limit is in use, and the listing is not needed.
func readDevFD(path string, buf Table, identify func(fd int32) (Key, bool)) (Table, error) {
	table := buf[:0]
	numbers, err := listNumbers(path)
	if full(err) {
		numbers, err = numbersBelowLimit()
	}
	if err != nil {
		return table, unreadable("reading", path, err)
	}
	for _, fd := range numbers {
		if k, ok := identify(fd); ok {
			table = append(table, k)
		}
	}
	return table.sorted(), nil
}

// listNumbers returns the names in a directory that are numbers.
func listNumbers(path string) ([]int32, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	dir.Close()
	if err != nil {
		return nil, err
	}
	numbers := make([]int32, 0, len(names))
	for _, name := range names {
		if fd, err := strconv.ParseInt(name, 10, 32); err == nil {
			numbers = append(numbers, int32(fd))
		}
	}
	return numbers, nil
}

// numbersBelowLimit returns every number that RLIMIT_NOFILE allows. Higher
// ones exist only when the limit was lowered below numbers in use.
func numbersBelowLimit() ([]int32, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return nil, err
	}
	const enough = 1 << 20 // fs.nr_open on Linux; Darwin allows less
	numbers := make([]int32, min(uint64(limit.Cur), enough))
	for i := range numbers {
		numbers[i] = int32(i)
	}
	return numbers, nil
}
