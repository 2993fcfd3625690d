package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Mappings lists the mappings of this process that show a file and that its
// code could have made, by address: ordinary files, devices, memfd, System V
// shared memory. The executable and shared libraries are left out, and with
// them any file that is mapped to be executed. It needs a descriptor for a
// moment. What is mapped or unmapped meanwhile may be listed or not.
func Mappings() ([]Mapping, error) {
	const path = "/proc/self/maps"
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("listing the file mappings of this process: %w; %s", err, advice(err))
	}
	all, err := parseMaps(string(text))
	if err != nil {
		return nil, fmt.Errorf("listing the file mappings of this process: %s: %w; %s", path, err, advice(err))
	}
	return madeByUser(all), nil
}

// parseMaps reads the text of a /proc/PID/maps, proc_pid_maps(5), and returns
// the mappings that have a file.
func parseMaps(text string) ([]Mapping, error) {
	var ms []Mapping
	for line := range strings.Lines(text) {
		m, err := parseMapping(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%w in %q", err, line)
		}
		if m.Path != "" && m.Path[0] != '[' {
			ms = append(ms, m)
		}
	}
	return ms, nil
}

// parseMapping reads one line such as
//
//	7f2c4c000000-7f2c4c021000 rw-s 00001000 fe:00 247026      /tmp/a b (deleted)
//
// The path is the rest of the line: it may hold spaces.
func parseMapping(line string) (Mapping, error) {
	var fields [5]string
	rest := line
	for i := range fields {
		fields[i], rest, _ = strings.Cut(strings.TrimLeft(rest, " "), " ")
	}
	start, end, _ := strings.Cut(fields[0], "-")
	major, minor, _ := strings.Cut(fields[3], ":")
	var n numbers
	m := Mapping{
		Start:  n.parse("start address", start, 16),
		End:    n.parse("end address", end, 16),
		Perms:  fields[1],
		Offset: n.parse("offset", fields[2], 16),
		Dev: unix.Mkdev(
			uint32(n.parse("major device number", major, 16)),
			uint32(n.parse("minor device number", minor, 16)),
		),
		Ino: n.parse("inode", fields[4], 10),
	}
	m.Path, m.Deleted = parsePath(strings.TrimLeft(rest, " "))
	return m, n.err
}

// numbers parses several numbers and keeps the first error.
type numbers struct{ err error }

func (n *numbers) parse(what, text string, base int) uint64 {
	v, err := strconv.ParseUint(text, base, 64)
	if err != nil && n.err == nil {
		n.err = fmt.Errorf("%s: %w", what, err)
	}
	return v
}

// parsePath undoes what show_map_vma in fs/proc/task_mmu.c does to a path: a
// newline, and nothing else, is written as \012, and a file without a name has
// " (deleted)" after it. A memfd and a System V segment never had a name to
// lose.
func parsePath(text string) (path string, deleted bool) {
	path, deleted = strings.CutSuffix(text, " (deleted)")
	if strings.HasPrefix(path, "/memfd:") || strings.HasPrefix(path, "/SYSV") {
		deleted = false
	}
	return strings.ReplaceAll(path, `\012`, "\n"), deleted
}

// madeByUser leaves out what no code of the user mapped. all is sorted by
// address, as the kernel writes it.
func madeByUser(all []Mapping) []Mapping {
	var ms []Mapping
	for len(all) > 0 {
		n := run(all)
		if !isImage(all[:n]) {
			for _, m := range all[:n] {
				if !ofSystem(m.Path) {
					ms = append(ms, m)
				}
			}
		}
		all = all[n:]
	}
	return ms
}

// segmentGap is more than the loader leaves between two segments of an image:
// they are aligned to at most 2 MiB.
const segmentGap = 4 << 20

// run returns how many of the first mappings may be the segments of one image:
// neighbours of one file, at rising offsets.
func run(ms []Mapping) int {
	n := 1
	for n < len(ms) {
		last, m := ms[n-1], ms[n]
		if m.Dev != last.Dev || m.Ino != last.Ino || m.Offset < last.Offset || m.Start-last.End > segmentGap {
			break
		}
		n++
	}
	return n
}

func isImage(run []Mapping) bool {
	for _, m := range run {
		if strings.Contains(m.Perms, "x") {
			return true
		}
	}
	return false
}

// ofSystem reports whether the kernel or the C library makes mappings of path
// without being asked for a file: shared anonymous memory is /dev/zero or
// /anon_hugepage, and setlocale and iconv keep their tables mapped.
func ofSystem(path string) bool {
	return path == "/dev/zero" || path == "/anon_hugepage" ||
		strings.HasPrefix(path, "/usr/lib/locale/") ||
		strings.HasSuffix(path, "/gconv-modules.cache")
}
