package fdtable

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// anonPrefix begins the link text of every anonymous inode. Some names are in
// brackets after it, others (inotify, bpf-map) are not.
const anonPrefix = "anon_inode:"

// anonLinks are the link texts that a kind is known by when only the hash is
// left.
var anonLinks = []string{
	"[eventfd]", "[eventpoll]", "inotify", "[timerfd]", "[signalfd]", "[fanotify]", "[pidfd]",
	"[io_uring]", "[userfaultfd]", "[perf_event]", "bpf-map", "bpf-prog",
}

// kindOfAnon is the kind and label of a link text of which only the hash is
// known.
func kindOfAnon(h uint64) (kind, name string) {
	for _, text := range anonLinks {
		if hash(anonPrefix+text) == h {
			return anonKind(text), anonPrefix + text
		}
	}
	return "descriptor", "anonymous inode"
}

// anonKind turns the text after the prefix into one word.
func anonKind(text string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if text == "eventpoll" {
		return "epoll"
	}
	return strings.ReplaceAll(text, " ", "-")
}

// anonymous describes an anonymous inode; text is the link text after the
// prefix.
func (s *subject) anonymous(text string) Description {
	d := Description{Kind: anonKind(text), Name: s.link, PeerFD: -1}
	switch d.Kind {
	case "pidfd":
		d.PID, d.Name = s.process()
	case "timerfd":
		d.Detail = s.timer()
	case "epoll", "inotify", "fanotify", "eventfd", "signalfd":
		d.Detail = infoWords(d.Kind, s.info())
	}
	return d
}

// info is the content of /proc/self/fdinfo/N, "" when it cannot be read. See
// proc_pid_fdinfo(5) for the fields.
func (s *subject) info() string {
	info, _ := s.dir.readFile(s.dir.entry("info", s.FD))
	return info
}

// infoWords is what the fdinfo of an anonymous inode says that is worth
// telling.
func infoWords(kind, info string) string {
	if info == "" {
		return ""
	}
	switch kind {
	case "epoll":
		return watchedWords(fields(info, "tfd:"))
	case "inotify":
		return count(len(fields(info, "inotify wd:")), "watch", "watches")
	case "fanotify":
		// The first line, "fanotify flags:", is no mark.
		n := len(fields(info, "fanotify ino:")) + len(fields(info, "fanotify mnt_id:")) + len(fields(info, "fanotify sdev:"))
		return count(n, "mark", "marks")
	case "eventfd":
		return eventWords(fields(info, "eventfd-count:"))
	default:
		return signalWords(fields(info, "sigmask:"))
	}
}

// fields returns the first word after prefix of each line that begins so.
func fields(info, prefix string) []string {
	var found []string
	for line := range strings.Lines(info) {
		rest, ok := strings.CutPrefix(line, prefix)
		if words := strings.Fields(rest); ok && len(words) > 0 {
			found = append(found, words[0])
		}
	}
	return found
}

// watchedWords names the descriptors that an epoll instance watches.
func watchedWords(fds []string) string {
	const few = 8
	switch n := len(fds); {
	case n == 0:
		return "watches nothing"
	case n > few:
		return fmt.Sprintf("watches %d descriptors", n)
	default:
		return "watches fd " + strings.Join(fds, ", fd ")
	}
}

// eventWords is the counter of an eventfd, which fdinfo has in hexadecimal.
func eventWords(counts []string) string {
	if len(counts) == 0 {
		return ""
	}
	n, err := strconv.ParseUint(counts[0], 16, 64)
	return when(err == nil, fmt.Sprint("count ", n))
}

// signalWords names the signals in the mask of a signalfd. Bit 0 is signal 1.
func signalWords(masks []string) string {
	if len(masks) == 0 {
		return ""
	}
	mask, err := strconv.ParseUint(masks[0], 16, 64)
	if err != nil || mask == 0 {
		return ""
	}
	var names []string
	for n := range 64 {
		if mask&(1<<n) != 0 {
			names = append(names, signalName(syscall.Signal(n+1)))
		}
	}
	return "for " + strings.Join(names, ", ")
}

// signalName is a name as SIGHUP, or the number of a real-time signal.
func signalName(sig syscall.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return name
	}
	return fmt.Sprint("signal ", int(sig))
}

// timer says when a timerfd expires. Asking needs no descriptor.
func (s *subject) timer() string {
	var spec unix.ItimerSpec
	if unix.TimerfdGettime(s.fd, &spec) != nil {
		return ""
	}
	left := time.Duration(unix.TimespecToNsec(spec.Value))
	every := time.Duration(unix.TimespecToNsec(spec.Interval))
	if left == 0 {
		return "not armed"
	}
	return commas("expires in "+left.Round(time.Millisecond).String(), when(every > 0, "then every "+every.String()))
}

// process says which process a pidfd refers to and what became of it. The pid
// is -1 for one that was waited for, 0 when fdinfo cannot be read or the
// process is in a PID namespace not visible here, see pidfd_open(2).
func (s *subject) process() (pid int, name string) {
	found := fields(s.info(), "Pid:")
	if len(found) == 0 {
		return 0, "of an unknown process"
	}
	pid, err := strconv.Atoi(found[0])
	switch {
	case err != nil || pid == 0:
		return 0, "of a process in another PID namespace"
	case pid < 0:
		return -1, "of a process that was waited for (reaped)"
	}
	name = fmt.Sprint("of ", pid)
	if state := s.processState(pid); state != "" {
		name += " (" + state + ")"
	}
	return pid, name
}

// processState reads the state letter of proc_pid_stat(5), which follows the
// command in parentheses. The command may contain parentheses too.
func (s *subject) processState(pid int) string {
	stat, _ := s.dir.readFile(fmt.Sprintf("/proc/%d/stat", pid))
	rest := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(rest) == 0 {
		return ""
	}
	switch rest[0] {
	case "Z", "X":
		return "exited, not waited for"
	default:
		return "running"
	}
}
