//go:build unix

package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap blocks the calling thread in select(2) for about d.
func nap(d time.Duration) {
	tv := unix.NsecToTimeval(int64(d))
	_, _ = unix.Select(0, nil, nil, nil, &tv)
}
