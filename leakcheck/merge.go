package leakcheck

import (
	"fmt"
	"slices"
	"strings"
)

// mergeProcesses folds a pidfd into the child process that it is a handle of:
// both are one missing Wait.
func mergeProcesses(leaks []Leak) []Leak {
	children := make(map[int]int)
	for i, l := range leaks {
		if l.Kind == "process" {
			children[l.pid] = i
		}
	}
	return slices.DeleteFunc(leaks, func(l Leak) bool {
		i, ok := children[l.pid]
		if l.Kind != "pidfd" || !ok {
			return false
		}
		leaks[i].Detail += fmt.Sprintf(", pidfd is fd %d", l.FD)
		return true
	})
}

// nameEnds remembers the connections that a verdict names.
func (j *judge) nameEnds(leaks []Leak) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range leaks {
		if local, remote, ok := addresses(l); ok {
			if j.ends == nil {
				j.ends = make(map[string]bool)
			}
			j.ends[local+" "+remote] = true
		}
	}
}

// dropOtherEnds drops connections, of nobody in particular, whose other end is
// in this process too and was named by the verdict of a test: it is what keeps
// them open.
func (j *judge) dropOtherEnds(leaks []Leak) []Leak {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(leaks, func(l Leak) bool {
		local, remote, ok := addresses(l)
		return ok && l.Owner == "" && j.ends[remote+" "+local]
	})
}

// addresses returns the two ends of a TCP connection.
func addresses(l Leak) (local, remote string, ok bool) {
	if l.Kind != "tcp" {
		return "", "", false
	}
	local, rest, ok := strings.Cut(l.Name, " -> ")
	remote, _, _ = strings.Cut(rest, " (")
	return local, remote, ok
}

// A connection of net/http has goroutines of its own, which end with it.
type connectionKind struct {
	opener     string   // on the stack that opened the connection
	goroutines []string // those that it has, by entry function
}

var connectionKinds = []connectionKind{
	{"net/http.(*Transport).dialConn", []string{"net/http.(*persistConn).readLoop", "net/http.(*persistConn).writeLoop"}},
	{"net/http.(*Server).Serve", []string{"net/http.(*conn).serve"}},
}

// mergeConnections folds the goroutines of leaked HTTP connections into those,
// where there are as many of them as that takes: both are one missing Close,
// and the connection is what names the line.
func mergeConnections(leaks []Leak) []Leak {
	for _, k := range connectionKinds {
		leaks = k.merge(leaks)
	}
	return leaks
}

func (k connectionKind) merge(leaks []Leak) []Leak {
	var connections []int
	goroutines := make(map[string]int)
	fixes := make(map[string]bool)
	for i, l := range leaks {
		switch {
		case l.via == k.opener:
			connections = append(connections, i)
		case k.has(l):
			goroutines[l.Name]++
			if f := fixFor(l); f != "" {
				fixes[f] = true
			}
		}
	}
	for _, name := range k.goroutines {
		if len(connections) == 0 || goroutines[name] != len(connections) {
			return leaks
		}
	}
	for _, i := range connections {
		leaks[i].Detail = withGoroutines(leaks[i].Detail, len(k.goroutines))
		for f := range fixes {
			if len(fixes) == 1 {
				leaks[i].Fix = f
			}
		}
	}
	return slices.DeleteFunc(leaks, k.has)
}

func withGoroutines(detail string, n int) string {
	if detail != "" {
		detail += ", "
	}
	if n == 1 {
		return detail + "with its goroutine"
	}
	return detail + fmt.Sprintf("with its %d goroutines", n)
}

func (k connectionKind) has(l Leak) bool {
	return l.Kind == "goroutine" && slices.Contains(k.goroutines, l.Name)
}
