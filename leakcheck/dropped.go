package leakcheck

import (
	"slices"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// maxFinal bounds what is kept for later verdicts, should none ever come.
const maxFinal = 1 << 10

// A verdictless leak is one that no look will show: it is over, and no verdict
// has named it yet.
type verdictless struct {
	leak  Leak
	owner *owner
}

// dropped is called on the goroutine of the finalizers, which is about to close
// a descriptor that nobody refers to any longer. Nobody closed it, so it was
// lost, even if the collector ran while its test was under way and no look
// ever saw it.
func (j *judge) dropped(fd int, o *opening) {
	if o.owner == forProcess || pooled(o) || ownWork(o) {
		return
	}
	l, ok := j.describeDropped(fd, o)
	if !ok {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if g := j.ledger.openedBy(o); g != nil && g.taken {
		g.lost = &l // the verdict that has it in hand
		return
	}
	j.keepFinal(verdictless{l, o.owner})
}

func (j *judge) keepFinal(v verdictless) {
	if len(j.final) < maxFinal {
		j.final = append(j.final, v)
	}
}

// describeDropped describes fd, which is still open.
func (j *judge) describeDropped(fd int, o *opening) (Leak, bool) {
	j.mu.Lock()
	table, err := j.sys.Descriptors(nil)
	j.mu.Unlock()
	i, ok := slices.BinarySearchFunc(table, fd, func(k fdtable.Key, fd int) int { return int(k.FD) - fd })
	if err != nil || !ok {
		return Leak{}, false
	}
	g := &sighting{resource: resource{fd: table[i]}, after: o.when, seq: o.seq, opening: o}
	if j.belongsToNobody(g) {
		return Leak{}, false
	}
	l := j.leakOfSighting(g, j.clock.Now())
	l.State = Lost
	return l, true
}

// pooled reports whether the descriptor is one that the standard library keeps
// in a sync.Pool and leaves to the collector: internal/poll/splice_linux.go.
func pooled(o *opening) bool {
	return slices.ContainsFunc(callsOf(o.pcs), func(f stack.Frame) bool { return f.Function == "internal/poll.newPipe" })
}

// ownWork reports whether o was opened to look at what a finalizer closes, on
// its goroutine, and is closed there.
func ownWork(o *opening) bool {
	return slices.ContainsFunc(callsOf(o.pcs), func(f stack.Frame) bool {
		return strings.HasPrefix(f.Function, module+"/internal/fdtable.") || strings.HasPrefix(f.Function, module+"/internal/process.")
	})
}

// takeFinal returns the leaks of a scope that are over, and forgets them.
func (j *judge) takeFinal(s *scope) []Leak {
	if j.openings == nil || s.owns == nil {
		return nil
	}
	leaks := j.misuses(s)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.final = slices.DeleteFunc(j.final, func(v verdictless) bool {
		mine := s.owns(v.owner)
		if mine {
			leaks = append(leaks, v.leak)
		}
		return mine
	})
	return leaks
}
