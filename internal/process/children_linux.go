package process

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// HasChildren reports whether this process has child processes, running or
// not waited for. It costs about a microsecond, needs no descriptor and never
// takes an exit status from anybody: WNOWAIT leaves it where it is, waitid(2).
// When the kernel will not answer, it reports true.
func HasChildren() bool {
	const ask = unix.WEXITED | unix.WNOHANG | unix.WNOWAIT
	err := waitAny(ask | unix.WALL)
	if errors.Is(err, unix.EINVAL) {
		err = waitAny(ask) // __WALL is for waitid only since Linux 4.7
	}
	return !errors.Is(err, unix.ECHILD)
}

func waitAny(options int) error {
	for {
		err := unix.Waitid(unix.P_ALL, 0, nil, options, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Children lists the child processes of this process, by PID, those that have
// exited and wait to be waited for included, their own children not. It needs
// a few descriptors for a moment. A child that somebody waits for meanwhile
// may be listed or not.
func Children() ([]Child, error) {
	pids, err := childPIDs()
	if err != nil {
		return nil, fmt.Errorf("listing the child processes of this process: %w; %s", err, advice(err))
	}
	var children []Child
	for _, pid := range pids {
		s, err := readStat(pid)
		if vanished(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("identifying child process %d: %w; %s", pid, err, advice(err))
		}
		children = append(children, Child{PID: pid, Start: s.start})
	}
	return children, nil
}

func childPIDs() ([]int, error) {
	pids, err := pidsFromTasks()
	if errors.Is(err, fs.ErrNotExist) {
		return pidsFromScan() // a kernel without CONFIG_PROC_CHILDREN
	}
	return pids, err
}

// pidsFromTasks reads the children files of all threads: each holds only those
// that its thread forked, and a Go program forks from any. A thread that ends
// passes its children on to another, which may have been read already, so the
// result counts once no thread has come or gone in between.
func pidsFromTasks() ([]int, error) {
	const tries = 5
	var pids []int
	before, err := numbersIn("/proc/self/task")
	for try := 0; try < tries && err == nil; try++ {
		if pids, err = pidsOfTasks(before); err != nil {
			break
		}
		var after []int
		after, err = numbersIn("/proc/self/task")
		if slices.Equal(before, after) {
			break
		}
		before = after
	}
	return pids, err
}

func pidsOfTasks(tasks []int) ([]int, error) {
	var pids []int
	for _, tid := range tasks {
		dir := filepath.Join("/proc/self/task", strconv.Itoa(tid))
		text, err := os.ReadFile(filepath.Join(dir, "children"))
		if vanished(err) && !exists(dir) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				return nil, fmt.Errorf("children of thread %d: %w", tid, err)
			}
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// pidsFromScan asks every process of the system who its parent is.
func pidsFromScan() ([]int, error) {
	all, err := numbersIn("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, pid := range all {
		s, err := readStat(pid)
		switch {
		case vanished(err) || errors.Is(err, fs.ErrPermission): // hidepid: not ours
		case err != nil:
			return nil, err
		case s.ppid == os.Getpid():
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// numbersIn returns the names in dir that are numbers, sorted.
func numbersIn(dir string) ([]int, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, cmp.Compare)
	return numbers, nil
}

func readStat(pid int) (stat, error) {
	path := procPath(pid, "stat")
	text, err := os.ReadFile(path)
	if err != nil {
		return stat{}, err
	}
	s, err := parseStat(string(text))
	if err != nil {
		return stat{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func procPath(pid int, file string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), file)
}

// vanished reports whether err says that the process or thread has ended:
// ENOENT from open, ESRCH from a read on what was opened before.
func vanished(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH)
}

// Describe tells what the child runs, its state and its age. What cannot be
// read, for want of a descriptor too, is left empty.
func (c Child) Describe() ChildInfo {
	info := ChildInfo{State: Gone}
	info.Age, info.Started = c.age()
	s, err := readStat(c.PID)
	switch {
	case vanished(err) || err == nil && s.start != c.Start:
		return info
	case err != nil:
		info.State = ""
		return info
	}
	info.State, info.Command = s.word(), s.comm
	if text, err := os.ReadFile(procPath(c.PID, "cmdline")); err == nil {
		info.Command = cmp.Or(commandLine(string(text)), s.comm)
	}
	return info
}

// tick is the unit of times in /proc/PID/stat: USER_HZ is 100 on every
// architecture that Go runs on (include/asm-generic/param.h).
const tick = 10 * time.Millisecond

func (c Child) age() (time.Duration, bool) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0, false
	}
	return max(0, time.Duration(now.Nano())-time.Duration(c.Start)*tick), c.Start != 0
}
