package leakcheck

import (
	"fmt"
	"time"
)

// A misuse is a descriptor number that was closed while the value that had
// opened it still counted on it, and that then became somebody else's.
type misuse struct {
	fd       int
	opened   *opening // by the value that still counts on it
	closed   *opening // behind its back
	reopened *opening // whose the number is now
}

// misuses describes those of a scope: of the test that closed the number, or
// that opened it if the closer has none.
func (j *judge) misuses(s *scope) []Leak {
	var leaks []Leak
	for _, m := range j.openings.takeMisuses(func(m misuse) bool { return s.owns(m.culprit()) }) {
		leaks = append(leaks, leakOfMisuse(m, j.clock.Now()))
	}
	return leaks
}

func (m misuse) culprit() *owner {
	if m.closed.owner != nil {
		return m.closed.owner
	}
	return m.opened.owner
}

func leakOfMisuse(m misuse, now int64) Leak {
	return Leak{
		Kind:     "misuse",
		Name:     fmt.Sprintf("descriptor %d was closed behind its owner's back and is somebody else's now", m.fd),
		FD:       -1,
		Owner:    ownerName(m.culprit()),
		Age:      time.Duration(now - m.closed.when),
		Stack:    m.opened.frames(),
		ClosedBy: m.closed.frames(),
		ReusedBy: m.reopened.frames(),
		seq:      m.opened.seq,
	}
}
