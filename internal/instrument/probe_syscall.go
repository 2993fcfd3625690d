package instrument

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Every descriptor that Go code opens or closes on Linux passes one of four
// functions, to which golang.org/x/sys/unix jumps as well. Their arguments may
// be pointers to the stack that pass for numbers, so they may not grow it while
// the kernel needs them; Syscall and Syscall6 may do next to nothing while in
// the kernel; and the linker allows all of them and what they call together a
// few hundred bytes of stack, which an unoptimized build nearly fills. So what
// is recorded before a call is only what has no pointers, and what is recorded
// after it is in functions of their own, outside of that limit.
var syscallProbe = Probe{
	Name:    "system calls",
	Package: "syscall",
	Records: "every descriptor that Go code opens or closes by whatever means, and every file that it maps into memory",
	Systems: linux,
	Patch: func(p *Package) error {
		const three, six = "func(uintptr, uintptr, uintptr, uintptr) (uintptr, uintptr, Errno)",
			"func(uintptr, uintptr, uintptr, uintptr, uintptr, uintptr, uintptr) (uintptr, uintptr, Errno)"
		var failed error
		patched := func(name, signature string, parameters ...string) *Function {
			f, err := p.Function("", name)
			if err == nil {
				err = errors.Join(f.Expect(signature), f.Named(append(parameters, "r1", "r2", "err")...))
			}
			failed = errors.Join(failed, err)
			return f
		}
		blocking := patched("Syscall", three, "trap", "a1", "a2", "a3")
		blocking6 := patched("Syscall6", six, "trap", "a1", "a2", "a3", "a4", "a5", "a6")
		raw := patched("RawSyscall", three, "trap", "a1", "a2", "a3")
		raw6 := patched("RawSyscall6", six, "trap", "a1", "a2", "a3", "a4", "a5", "a6")
		if err := errors.Join(failed, p.Declares("runtime_entersyscall", "runtime_exitsyscall", "F_DUPFD", "F_DUPFD_CLOEXEC", "MAP_ANON")); err != nil {
			return err
		}
		table, err := callTable(p)
		if err != nil {
			return err
		}
		const (
			before = "leakcheckClass := leakcheckClassOf(trap); if leakcheckClass&leakcheckFirst != 0 { leakcheckBefore(leakcheckClass, a1, a2, a3) }"
			after  = "if leakcheckClass != 0 && err == 0 { leakcheckAfter(leakcheckClass, r1, a1, a2, a3, %s) }"
			only   = "if leakcheckClass := leakcheckClassOf(trap); leakcheckClass&leakcheckRaw != 0 { " +
				"r1, r2, err = leakcheckRawSyscall6(trap, a1, a2, a3, 0, 0, 0); " + after + "; return }"
		)
		blocking.Begin(before)
		blocking6.Begin(before)
		raw.Begin(fmt.Sprintf(only, "0, 0"))
		if err := errors.Join(
			blocking.AfterCall("runtime_exitsyscall", fmt.Sprintf(after, "0, 0")),
			blocking6.AfterCall("runtime_exitsyscall", fmt.Sprintf(after, "a4, a5")),
			blocking.ReplaceCall("RawSyscall6", "leakcheckRawSyscall6"),
			blocking6.ReplaceCall("RawSyscall6", "leakcheckRawSyscall6"),
			raw.ReplaceCall("RawSyscall6", "leakcheckRawSyscall6"),
		); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		p.Import(ProbeFile, "unsafe", "unsafe")
		p.Append(table)
		p.Append(systemCalls)
		raw6.Wrap("leakcheckRawSyscall6", fmt.Sprintf(rawSystemCall, pairNumber(p)))
		return nil
	},
}

// callTable declares the table of classes by number.
func callTable(p *Package) (string, error) {
	base := callBase(p.GOARCH())
	byNumber := make(map[int]call)
	for _, c := range calls {
		if n, ok := callNumber(p, c.name); ok {
			byNumber[n-base] = c
		}
	}
	var numbers []int
	for n := range byNumber {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if len(numbers) == 0 || numbers[0] < 0 || numbers[len(numbers)-1] > 1000 {
		return "", fmt.Errorf("the numbers of the system calls are not as known for %s", p.GOARCH())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "const (\nleakcheckBase = %d\nleakcheckCount = %d\n)\n\n", base, numbers[len(numbers)-1]+1)
	b.WriteString("// leakcheckCalls is what system calls do, by number.\nvar leakcheckCalls = [leakcheckCount]uint8{\n")
	for _, n := range numbers {
		c := byNumber[n]
		raw := ""
		if c.class.raw {
			raw = " | leakcheckRaw"
		}
		fmt.Fprintf(&b, "%d: %s%s, // %s\n", n, c.class.name, raw, strings.ToLower(c.name))
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// callNumber returns the number of a system call, if the architecture has it
// and it works as everywhere.
func callNumber(p *Package, name string) (int, bool) {
	if slices.Contains(otherwise[p.GOARCH()], name) {
		return 0, false
	}
	if n, ok := p.Constant("SYS_" + name); ok {
		return n, true
	}
	if n, ok := unnamed[p.GOARCH()][name]; ok {
		return n, true
	}
	if n, ok := newer[name]; ok {
		return callBase(p.GOARCH()) + n, true
	}
	return 0, false
}

func pairNumber(p *Package) int {
	n, ok := callNumber(p, "SOCKETPAIR")
	if !ok {
		return -1
	}
	return n
}

// rawSystemCall takes the place of RawSyscall6, of which nothing but socketpair
// is of interest.
const rawSystemCall = `
//go:uintptrkeepalive
//go:nosplit
//go:norace
func RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno) {
	r1, r2, err = leakcheckRawSyscall6(trap, a1, a2, a3, a4, a5, a6)
	if int(trap) == %d && err == 0 {
		leakcheckAfter(leakcheckPair4, r1, a1, a2, a3, a4, a5)
	}
	return
}
`

// systemCalls is what is recorded of the calls of interest.
const systemCalls = `
const (
	leakcheckRaw   = 0x80 // recorded though made by RawSyscall
	leakcheckFirst = 0x40 // recorded before it is made: the kernel may give what it frees to another
)

const (
	leakcheckOpen       = iota + 1 // returns a descriptor
	leakcheckPair                  // stores two where its 1st argument points
	leakcheckPair4                 // stores two where its 4th argument points
	leakcheckReplace               // makes its 2nd argument a duplicate
	leakcheckFcntl                 // duplicates, with some commands
	leakcheckSignalfd              // returns a descriptor unless given one
	leakcheckBPF                   // returns a descriptor, with some commands
	leakcheckLandlock              // returns a descriptor, without flags
	leakcheckMap
	leakcheckRemap
	leakcheckClose      = iota + 1 | leakcheckFirst
	leakcheckCloseRange = iota + 1 | leakcheckFirst
	leakcheckUnmap      = iota + 1 | leakcheckFirst
)

// leakcheckClassOf returns what a system call does, 0 if it is of no interest.
// It does not index, for a check of bounds takes stack.
//
//go:nosplit
//go:norace
//go:nocheckptr
func leakcheckClassOf(trap uintptr) uint8 {
	i := trap - leakcheckBase
	if i >= leakcheckCount {
		return 0
	}
	return *(*uint8)(unsafe.Add(unsafe.Pointer(&leakcheckCalls), i))
}

// leakcheckBefore records what a call is about to do. It may grow the stack,
// for none of the arguments is a pointer to it.
//
//go:norace
func leakcheckBefore(class uint8, a1, a2, a3 uintptr) {
	switch class {
	case leakcheckClose:
		` + log + `.Closing(int(int32(a1)), 1)
	case leakcheckCloseRange:
		const cloexec = 4
		if a3&cloexec == 0 {
			` + log + `.ClosingRange(a1, a2, 1)
		}
	case leakcheckUnmap:
		` + log + `.Unmapped(a1, a2)
	}
}

// leakcheckAfter records what a call has done.
//
//go:nosplit
//go:norace
func leakcheckAfter(class uint8, r1, a1, a2, a3, a4, a5 uintptr) {
	switch class &^ leakcheckRaw {
	case leakcheckPair:
		leakcheckOpenedPair(leakcheckPairAt(a1))
	case leakcheckPair4:
		leakcheckOpenedPair(leakcheckPairAt(a4))
	case leakcheckClose, leakcheckCloseRange, leakcheckUnmap:
	default:
		leakcheckDone(class&^leakcheckRaw, r1, a1, a2, a3, a4, a5)
	}
}

// leakcheckPairAt reads the descriptors that the kernel stored, before
// anything can move what the pointer points to.
//
//go:nosplit
//go:norace
//go:nocheckptr
func leakcheckPairAt(p uintptr) (uintptr, uintptr) {
	pair := (*[2]int32)(unsafe.Pointer(p))
	return uintptr(pair[0]), uintptr(pair[1])
}

//go:norace
func leakcheckOpenedPair(a, b uintptr) {
	` + log + `.Opened(int(a), 2)
	` + log + `.Opened(int(b), 2)
}

//go:norace
func leakcheckDone(class uint8, r1, a1, a2, a3, a4, a5 uintptr) {
	fd := int(int32(r1))
	switch class {
	case leakcheckReplace:
		if int32(a1) != int32(a2) {
			` + log + `.Replaced(fd, 2)
		}
		return
	case leakcheckMap:
		if int32(a5) >= 0 && a4&MAP_ANON == 0 {
			` + log + `.Mapped(r1, a2, 2)
		}
		return
	case leakcheckRemap:
		` + log + `.Remapped(a1, a2, r1, a3)
		return
	case leakcheckOpen:
	case leakcheckFcntl:
		if a2 != F_DUPFD && a2 != F_DUPFD_CLOEXEC {
			return
		}
	case leakcheckSignalfd:
		if int32(a1) != -1 {
			return
		}
	case leakcheckBPF:
		// BPF_MAP_CREATE, PROG_LOAD, OBJ_GET, PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID,
		// RAW_TRACEPOINT_OPEN, BTF_LOAD, BTF_GET_FD_BY_ID, LINK_CREATE,
		// LINK_GET_FD_BY_ID, ENABLE_STATS, ITER_CREATE, TOKEN_CREATE
		const returns uint64 = 1<<0 | 1<<5 | 1<<7 | 1<<13 | 1<<14 |
			1<<17 | 1<<18 | 1<<19 | 1<<28 | 1<<30 | 1<<32 | 1<<33 | 1<<36
		if a1 > 63 || returns>>a1&1 == 0 {
			return
		}
	case leakcheckLandlock:
		if a3 != 0 {
			return
		}
	default:
		return
	}
	` + log + `.Opened(fd, 2)
}
`
