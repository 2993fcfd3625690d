package instrument

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Every descriptor that Go code opens or closes on Linux passes one of four
// functions, to which golang.org/x/sys/unix jumps as well. They may not grow
// the stack, since they hold pointers as numbers, and Syscall may do next to
// nothing while it is in the kernel. So a call of interest goes another way
// altogether, and any other costs a lookup.
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
				err = errors.Join(f.Expect(signature), f.Named(append(parameters, "_", "_", "_")...))
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
		const lookup = "if leakcheckCall := trap - leakcheckBase; leakcheckCall < leakcheckCount && leakcheckCalls[leakcheckCall]"
		blocking.Begin(lookup + " != 0 { return leakcheckSyscall(trap, a1, a2, a3, 0, 0, 0) }")
		blocking6.Begin(lookup + " != 0 { return leakcheckSyscall(trap, a1, a2, a3, a4, a5, a6) }")
		raw.Begin(lookup + "&leakcheckRaw != 0 { return leakcheckRawSyscall(trap, a1, a2, a3, 0) }")
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

// rawSystemCall takes the place of RawSyscall6, through which all the others
// go to the kernel, one of them in the child of a fork: nothing but socketpair
// is of interest here.
const rawSystemCall = `
//go:uintptrkeepalive
//go:nosplit
//go:norace
func RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno) {
	if int(trap) == %d {
		return leakcheckRawSyscall(trap, a1, a2, a3, a4)
	}
	return leakcheckRawSyscall6(trap, a1, a2, a3, a4, a5, a6)
}
`

// systemCalls is the way that calls of interest go.
const systemCalls = `
// leakcheckRaw marks calls that are recorded though made by RawSyscall.
const leakcheckRaw = 0x80

const (
	leakcheckOpen       = iota + 1 // returns a descriptor
	leakcheckPair                  // stores two where its 1st argument points
	leakcheckPair4                 // stores two where its 4th argument points
	leakcheckReplace               // makes its 2nd argument a duplicate
	leakcheckFcntl                 // duplicates, with some commands
	leakcheckSignalfd              // returns a descriptor unless given one
	leakcheckBPF                   // returns a descriptor, with some commands
	leakcheckLandlock              // returns a descriptor, without flags
	leakcheckClose
	leakcheckCloseRange
	leakcheckMap
	leakcheckUnmap
	leakcheckRemap
)

// leakcheckSyscall is Syscall6 for calls of interest. While arguments may be
// pointers to the stack, nothing may run that can grow it; those of calls that
// are recorded before they are made are not, and afterwards the kernel is done
// with all.
//
//go:uintptrkeepalive
//go:nosplit
//go:norace
func leakcheckSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno) {
	class := leakcheckCalls[trap-leakcheckBase] &^ leakcheckRaw
	switch class {
	case leakcheckClose, leakcheckCloseRange, leakcheckUnmap:
		leakcheckBefore(class, a1, a2, a3)
	}
	runtime_entersyscall()
	r1, r2, err = leakcheckRawSyscall6(trap, a1, a2, a3, a4, a5, a6)
	runtime_exitsyscall()
	if err != 0 {
		return
	}
	switch class {
	case leakcheckPair:
		leakcheckAfterPair(leakcheckPairAt(a1))
	case leakcheckPair4:
		leakcheckAfterPair(leakcheckPairAt(a4))
	case leakcheckClose, leakcheckCloseRange, leakcheckUnmap:
	default:
		leakcheckAfter(class, r1, a1, a2, a3, a4, a5)
	}
	return
}

// leakcheckRawSyscall is RawSyscall for calls of interest, none of which has
// more than four arguments.
//
//go:uintptrkeepalive
//go:nosplit
//go:norace
func leakcheckRawSyscall(trap, a1, a2, a3, a4 uintptr) (r1, r2 uintptr, err Errno) {
	r1, r2, err = leakcheckRawSyscall6(trap, a1, a2, a3, a4, 0, 0)
	if err != 0 {
		return
	}
	switch class := leakcheckCalls[trap-leakcheckBase] &^ leakcheckRaw; class {
	case leakcheckPair:
		leakcheckAfterPair(leakcheckPairAt(a1))
	case leakcheckPair4:
		leakcheckAfterPair(leakcheckPairAt(a4))
	default:
		leakcheckAfter(class, r1, a1, a2, a3, a4, 0)
	}
	return
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
func leakcheckBefore(class uint8, a1, a2, a3 uintptr) {
	switch class {
	case leakcheckClose:
		` + log + `.Closing(int(int32(a1)), 2)
	case leakcheckCloseRange:
		const cloexec = 4
		if a3&cloexec == 0 {
			` + log + `.ClosingRange(a1, a2, 2)
		}
	case leakcheckUnmap:
		` + log + `.Unmapped(a1, a2)
	}
}

//go:norace
func leakcheckAfterPair(a, b uintptr) {
	` + log + `.Opened(int(a), 2)
	` + log + `.Opened(int(b), 2)
}

//go:norace
func leakcheckAfter(class uint8, r1, a1, a2, a3, a4, a5 uintptr) {
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
