package fdtable

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Device numbers of pseudoterminals, from admin-guide/devices.txt of the
// kernel.
const (
	ptmxMajor, ptmxMinor    = 5, 2
	ptsMajorLow, ptsMajorHi = 136, 143
)

// device describes a character or block device.
func (s *subject) device() Description {
	major, minor := unix.Major(uint64(s.st.Rdev)), unix.Minor(uint64(s.st.Rdev))
	mode := modeWords(s.flags)
	switch {
	case s.Type == unix.S_IFCHR && major == ptmxMajor && minor == ptmxMinor:
		return s.named("pty", s.masterOf(), mode)
	case s.Type == unix.S_IFCHR && major >= ptsMajorLow && major <= ptsMajorHi:
		return s.named("pty", mode)
	default:
		return s.named("device", mode)
	}
}

// masterOf names the other side of a pseudoterminal, see pts(4).
func (s *subject) masterOf() string {
	n, err := unix.IoctlGetInt(s.fd, unix.TIOCGPTN)
	if err != nil {
		return "master"
	}
	return fmt.Sprintf("master of /dev/pts/%d", n)
}
