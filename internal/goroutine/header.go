package goroutine

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseHeader reads a line such as
//
//	goroutine 7 [chan receive (durable), 5 minutes, locked to thread, synctest bubble 1 labels:{"k": "v"}]:
//	goroutine 7 gp=0xc000006fc0 m=nil [select (no cases)]:
//
// and reports whether it is one.
func parseHeader(line string, g *Goroutine) bool {
	rest, ok := strings.CutPrefix(line, headerStart)
	if !ok {
		return false
	}
	before, inside, ok := strings.Cut(rest, " [")
	if !ok {
		return false
	}
	inside, ok = strings.CutSuffix(inside, "]:")
	if !ok {
		return false
	}
	number, _, _ := strings.Cut(before, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 0 {
		return false
	}
	g.ID = id
	inside, labels, _ := strings.Cut(inside, " labels:{")
	g.Label, _ = parseLabel(labels)
	for i, part := range strings.Split(inside, ", ") {
		switch {
		case i == 0:
			g.State = state(part)
		case part == "locked to thread":
			g.Locked = true
		case strings.HasPrefix(part, "synctest bubble "):
			g.Bubble = true
		default:
			g.Wait = max(g.Wait, minutes(part))
		}
	}
	return true
}

// state drops the marks of a stack that is being scanned and of a wait that
// only the goroutine's own bubble can end.
func state(s string) string {
	for _, mark := range []string{" (scan)", " (durable)"} {
		s = strings.Replace(s, mark, "", 1)
	}
	return s
}

func minutes(part string) time.Duration {
	number, ok := strings.CutSuffix(part, " minutes")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(time.Minute) {
		return 0
	}
	return time.Duration(n) * time.Minute
}
