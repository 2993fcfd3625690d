package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-leakcheck/leakcheck/internal/stack"
	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// How much a summary shows: opening lines, the tests of each, and the width
// that longer functions may not ask for.
const (
	openingsShown = 5
	testsShown    = 3
	maxFuncWidth  = 48
)

// summary says how much leaked and where most of it was opened. It is empty if
// nothing leaked.
func summary(all []packageReports) string {
	d := newDocument("", 0, all)
	if d.Total == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "leakcheck: %s in %s: %s\n", count(d.Total, "leak"), whose(all), tally(d.ByKind))
	openings := byOpening(all)
	writeOpenings(&b, openings[:min(len(openings), openingsShown)])
	if rest := len(openings) - openingsShown; rest > 0 {
		fmt.Fprintf(&b, "  and %s\n", count(rest, "more line"))
	}
	return b.String()
}

// listings are the listings of all reports, those of each package under its
// name.
func listings(all []packageReports) string {
	var b strings.Builder
	for _, p := range all {
		title := "# " + p.Package + "\n"
		for _, r := range p.Reports {
			if r.Total > 0 {
				fmt.Fprintf(&b, "%s%s\n", title, r)
				title = ""
			}
		}
	}
	return b.String()
}

// whose counts the tests that are known to leak, and the packages.
func whose(all []packageReports) string {
	tests, packages := 0, 0
	for _, p := range all {
		owners := make(map[string]bool)
		leaks := false
		p.leaks(func(l leakcheck.Leak) {
			leaks = true
			if l.Owner != "" {
				test, _, _ := strings.Cut(l.Owner, "/")
				owners[test] = true
			}
		})
		tests += len(owners)
		if leaks {
			packages++
		}
	}
	if tests == 0 {
		return count(packages, "package")
	}
	return count(tests, "test") + " of " + count(packages, "package")
}

// tally lists counts by kind, the most frequent first.
func tally(byKind map[string]int) string {
	kinds := slices.SortedFunc(maps.Keys(byKind), func(a, b string) int {
		return cmp.Or(cmp.Compare(byKind[b], byKind[a]), strings.Compare(a, b))
	})
	for i, kind := range kinds {
		kinds[i] = count(byKind[kind], cmp.Or(kind, "object"))
	}
	return strings.Join(kinds, ", ")
}

// plurals are those of what can be counted. Others stay as they are: "2 tcp",
// and the kinds that programs give what they track.
var plurals = map[string]string{
	"leak":      "leaks",
	"test":      "tests",
	"package":   "packages",
	"more line": "more lines",

	"body":        "bodies",
	"connection":  "connections",
	"device":      "devices",
	"directory":   "directories",
	"eventfd":     "eventfds",
	"file":        "files",
	"goroutine":   "goroutines",
	"listener":    "listeners",
	"mapping":     "mappings",
	"memfd":       "memfds",
	"object":      "objects",
	"pidfd":       "pidfds",
	"pipe":        "pipes",
	"process":     "processes",
	"pty":         "ptys",
	"signalfd":    "signalfds",
	"statement":   "statements",
	"timerfd":     "timerfds",
	"transaction": "transactions",
}

func count(n int, noun string) string {
	if n != 1 {
		noun = cmp.Or(plurals[noun], noun)
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// An opening is a line of the program that opened what leaked, one kind of it.
// Where no stack was recorded it is the line of the test.
type opening struct {
	kind  string
	frame leakcheck.Frame
	count int
	tests []string
}

// byOpening counts leaks by the line that opened them, the most frequent
// first.
func byOpening(all []packageReports) []opening {
	type key struct {
		kind  string
		frame leakcheck.Frame
	}
	var openings []opening
	at := make(map[key]int)
	for _, p := range all {
		p.leaks(func(l leakcheck.Leak) {
			k := key{l.Kind, firstLine(l)}
			i, ok := at[k]
			if !ok {
				i = len(openings)
				at[k] = i
				openings = append(openings, opening{kind: k.kind, frame: k.frame})
			}
			openings[i].add(l)
		})
	}
	slices.SortStableFunc(openings, func(a, b opening) int { return cmp.Compare(b.count, a.count) })
	return openings
}

// firstLine is the program's innermost line that opened l. Where the standard
// library did so by itself it is the go statement.
func firstLine(l leakcheck.Leak) leakcheck.Frame {
	switch {
	case l.Kind != "goroutine" && l.CreatedBy.Function != "":
		return l.CreatedBy
	case len(l.Stack) > 0:
		return l.Stack[0]
	default:
		return l.Test
	}
}

func (o *opening) add(l leakcheck.Leak) {
	o.count++
	test := l.Owner
	if test == "" && len(l.Suspects) > 0 {
		test = "one of " + strings.Join(l.Suspects, ", ")
	}
	if test != "" && !slices.Contains(o.tests, test) {
		o.tests = append(o.tests, test)
	}
}

// writeOpenings prints one opening to a line, in columns.
func writeOpenings(b *strings.Builder, openings []opening) {
	rows := make([][]string, len(openings))
	for i, o := range openings {
		rows[i] = []string{fmt.Sprintf("×%d", o.count), cmp.Or(o.kind, "object"), o.function(), o.line(), o.who()}
	}
	var widths [5]int
	for _, row := range rows {
		for i, cell := range row {
			if n := utf8.RuneCountInString(cell); n <= maxFuncWidth {
				widths[i] = max(widths[i], n)
			}
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("  %-*s", widths[i], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func (o opening) function() string {
	return cmp.Or(stack.ShortFunction(o.frame.Function), "line not known")
}

func (o opening) line() string {
	if o.frame.File == "" {
		return ""
	}
	file := stack.ShortFile(o.frame.File, stack.Package(o.frame.Function))
	return fmt.Sprintf("%s:%d", file, o.frame.Line)
}

// who names the tests.
func (o opening) who() string {
	names := strings.Join(o.tests[:min(len(o.tests), testsShown)], ", ")
	if rest := len(o.tests) - testsShown; rest > 0 {
		names += fmt.Sprintf(" and %d more", rest)
	}
	return names
}
