package leakcheck

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/process"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// leakOfSighting describes a descriptor or a child process.
func (j *judge) leakOfSighting(g *sighting, now int64) Leak {
	l := Leak{FD: -1, Age: time.Duration(now - g.after), AgeIsBound: g.opening == nil, seq: g.seq}
	if g.child.PID != 0 {
		describeChild(&l, g.child)
	} else {
		j.mu.Lock()
		d := j.sys.Describe(g.fd, j.table)
		j.mu.Unlock()
		l.FD = int(g.fd.FD)
		l.Kind, l.Name, l.Path, l.Detail, l.pid = d.Kind, d.Name, d.Path, d.Detail, d.PID
	}
	switch {
	case g.entry != nil:
		l.mergeEntry(g.entry, now)
	case g.opening != nil:
		l.Owner = ownerName(g.opening.owner)
		g.opening.place(&l)
	case len(g.suspects) == 1 && !g.shared:
		l.Owner, l.Test = g.suspects[0].name, g.suspects[0].place
	default:
		l.Suspects = slices.Compact(windowNames(g.suspects))
	}
	return l
}

func describeChild(l *Leak, c process.Child) {
	info := c.Describe()
	l.Kind, l.pid = "process", c.PID
	l.Name = cmp.Or(info.Command, "?")
	l.Detail = fmt.Sprintf("pid %d, %s", c.PID, info.State)
	if info.Started {
		l.Age, l.AgeIsBound = info.Age, false
	}
}

// leakOfEntry describes a tracked object.
func leakOfEntry(e *entry, state State, now int64) Leak {
	info := e.info()
	return Leak{
		Kind:  info.Kind,
		Name:  info.Name,
		State: state,
		FD:    -1,
		Owner: info.Owner,
		Age:   time.Duration(now - e.created),
		Stack: openingStack(e.trace.Frames()),
		seq:   e.seq,
		told:  e.flags.Load()&flagTold != 0,
	}
}

// leakOfMapping describes a file mapping.
func (j *judge) leakOfMapping(s *scope, m process.Mapping, now int64) Leak {
	detail := fmt.Sprintf("%d bytes at %#x, %s", m.End-m.Start, m.Start, m.Perms)
	if m.Deleted {
		detail += ", deleted"
	}
	l := Leak{
		Kind:       "mapping",
		Name:       m.Path,
		Path:       m.Path,
		Detail:     detail,
		State:      Held,
		FD:         -1,
		Owner:      s.owner(),
		Age:        time.Duration(now - s.began),
		AgeIsBound: true,
		Test:       s.place,
	}
	if o := j.mappedBy(m); o != nil {
		l.Owner = ownerName(o.owner)
		o.place(&l)
		l.Age, l.AgeIsBound = time.Duration(now-o.when), false
	}
	return l
}

// owner names the test that a scope is about, "" for more than one.
func (s *scope) owner() string {
	if s.oneTest {
		return s.subject
	}
	return ""
}

// openingStack folds what a reader does not need: the frames of the standard
// library and of this module above the user's first, and the test runner. Of a
// stack that is all standard library, such as that of a goroutine that net/http
// started, only the outermost call is left: what it is for.
func openingStack(all []stack.Frame) []Frame {
	if len(all) == 0 {
		return nil
	}
	folded := exported(stack.FoldStd(all, unremarkable))
	if standardOnly(all) {
		return folded[len(folded)-1:]
	}
	return folded
}
