package instrument

// A class is what a system call of Linux does to descriptors and mappings, or
// what has to be asked of its arguments to know.
type class struct {
	name string // of the constant in the patched package syscall
	// raw says that the call is recorded also where it is made by RawSyscall.
	// That must be none that the child of a fork makes before it becomes
	// another program: it has the memory of its parent, and no runtime.
	raw bool
}

var (
	classOpen     = class{name: "leakcheckOpen"}
	classOpenRaw  = class{name: "leakcheckOpen", raw: true}
	classPair     = class{name: "leakcheckPair", raw: true}
	classPair4    = class{name: "leakcheckPair4", raw: true}
	classReplace  = class{name: "leakcheckReplace"}
	classFcntl    = class{name: "leakcheckFcntl"}
	classSignalfd = class{name: "leakcheckSignalfd", raw: true}
	classBPF      = class{name: "leakcheckBPF"}
	classLandlock = class{name: "leakcheckLandlock"}
	classClose    = class{name: "leakcheckClose"}
	classRange    = class{name: "leakcheckCloseRange"}
	classMap      = class{name: "leakcheckMap"}
	classUnmap    = class{name: "leakcheckUnmap"}
	classRemap    = class{name: "leakcheckRemap"}
)

// A call is a system call by the name that package syscall gives its number,
// without SYS_.
type call struct {
	name  string
	class class
}

var calls = []call{
	{"OPEN", classOpen},
	{"OPENAT", classOpen},
	{"OPENAT2", classOpen},
	{"CREAT", classOpen},
	{"OPEN_BY_HANDLE_AT", classOpen},
	{"OPEN_TREE", classOpenRaw},
	{"OPEN_TREE_ATTR", classOpenRaw},
	{"FSOPEN", classOpenRaw},
	{"FSMOUNT", classOpenRaw},
	{"FSPICK", classOpenRaw},
	{"MQ_OPEN", classOpenRaw},
	{"SOCKET", classOpenRaw},
	{"SOCKETPAIR", classPair4},
	{"ACCEPT", classOpenRaw},
	{"ACCEPT4", classOpenRaw},
	{"PIPE", classPair},
	{"PIPE2", classPair},
	{"EPOLL_CREATE", classOpenRaw},
	{"EPOLL_CREATE1", classOpenRaw},
	{"EVENTFD", classOpenRaw},
	{"EVENTFD2", classOpenRaw},
	{"SIGNALFD", classSignalfd},
	{"SIGNALFD4", classSignalfd},
	{"INOTIFY_INIT", classOpenRaw},
	{"INOTIFY_INIT1", classOpenRaw},
	{"FANOTIFY_INIT", classOpenRaw},
	{"TIMERFD_CREATE", classOpenRaw},
	{"TIMERFD", classOpenRaw},
	{"MEMFD_CREATE", classOpenRaw},
	{"MEMFD_SECRET", classOpenRaw},
	{"PIDFD_OPEN", classOpenRaw},
	{"PIDFD_GETFD", classOpenRaw},
	{"IO_URING_SETUP", classOpenRaw},
	{"PERF_EVENT_OPEN", classOpenRaw},
	{"USERFAULTFD", classOpenRaw},
	{"BPF", classBPF},
	{"LANDLOCK_CREATE_RULESET", classLandlock},
	{"DUP", classOpenRaw},
	{"DUP2", classReplace},
	{"DUP3", classReplace},
	{"FCNTL", classFcntl},
	{"FCNTL64", classFcntl},
	{"CLOSE", classClose},
	{"CLOSE_RANGE", classRange},
	{"MMAP", classMap},
	{"MMAP2", classMap},
	{"MUNMAP", classUnmap},
	{"MREMAP", classRemap},
}

// newer are the calls that came after all architectures had agreed to number
// them alike.
var newer = map[string]int{
	"IO_URING_SETUP":          425,
	"OPEN_TREE":               428,
	"FSOPEN":                  430,
	"FSMOUNT":                 432,
	"FSPICK":                  433,
	"PIDFD_OPEN":              434,
	"CLOSE_RANGE":             436,
	"OPENAT2":                 437,
	"PIDFD_GETFD":             438,
	"LANDLOCK_CREATE_RULESET": 444,
	"MEMFD_SECRET":            447,
	"OPEN_TREE_ATTR":          467,
}

// unnamed are the calls whose number package syscall, which is frozen, does
// not name on some architectures.
var unnamed = map[string]map[string]int{
	"386": {
		"OPEN_BY_HANDLE_AT": 342, "MEMFD_CREATE": 356, "BPF": 357,
		"SOCKET": 359, "SOCKETPAIR": 360, "ACCEPT4": 364, "USERFAULTFD": 374,
	},
	"amd64":    {"OPEN_BY_HANDLE_AT": 304, "MEMFD_CREATE": 319, "BPF": 321, "USERFAULTFD": 323},
	"arm":      {"MEMFD_CREATE": 385, "BPF": 386, "USERFAULTFD": 388},
	"arm64":    {"USERFAULTFD": 282},
	"mips":     {"MEMFD_CREATE": 4354, "BPF": 4355, "USERFAULTFD": 4357},
	"mipsle":   {"MEMFD_CREATE": 4354, "BPF": 4355, "USERFAULTFD": 4357},
	"mips64":   {"USERFAULTFD": 5317},
	"mips64le": {"USERFAULTFD": 5317},
	"ppc64":    {"MEMFD_CREATE": 360, "BPF": 361, "USERFAULTFD": 364},
	"ppc64le":  {"MEMFD_CREATE": 360, "BPF": 361, "USERFAULTFD": 364},
	"riscv64":  {"USERFAULTFD": 282},
}

// otherwise are the calls that exist on an architecture but take or return
// something else there: an mmap whose arguments are in memory, a pipe that
// returns in registers.
var otherwise = map[string][]string{
	"386":      {"MMAP"},
	"arm":      {"MMAP"},
	"s390x":    {"MMAP"},
	"mips":     {"PIPE"},
	"mipsle":   {"PIPE"},
	"mips64":   {"PIPE"},
	"mips64le": {"PIPE"},
}

// callBase is the number at which those of an architecture begin.
func callBase(goarch string) int {
	switch goarch {
	case "mips", "mipsle":
		return 4000
	case "mips64", "mips64le":
		return 5000
	}
	return 0
}
