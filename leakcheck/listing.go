package leakcheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// paragraphsInFull is how many paragraphs a listing prints before it only counts.
const paragraphsInFull = 20

// Columns of the listing: the age is right-aligned in the first, what it says
// of the leak is behind the second.
const (
	ageWidth   = 11
	labelWidth = 9
	funcWidth  = 48 // longer function names push their line number out
)

// String returns the listing. Its first line is stable: tools may match it.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString(r.headline())
	b.WriteByte('\n')
	paragraphs := group(r.Leaks)
	shown := paragraphs[:min(len(paragraphs), paragraphsInFull)]
	width := functionWidth(shown)
	for _, p := range shown {
		b.WriteByte('\n')
		p.write(&b, r.Subject, width)
	}
	if rest := paragraphs[len(shown):]; len(rest) > 0 {
		counts := make(map[string]int)
		total := 0
		for _, p := range rest {
			counts[p.leak.Kind] += p.count
			total += p.count
		}
		fmt.Fprintf(&b, "\n%*s  and %d more: %s\n", ageWidth, "", total, tally(counts))
	}
	if len(r.Notes) > 0 {
		b.WriteByte('\n')
	}
	for _, note := range r.Notes {
		row(&b, "note", note)
	}
	return b.String()
}

// headline is the first line: who, how many, of what, since when.
func (r Report) headline() string {
	verb := cmp.Or(r.verb, "leaked")
	if r.Total == 0 {
		return fmt.Sprintf("leakcheck: %s %s nothing", r.Subject, verb)
	}
	return fmt.Sprintf("leakcheck: %s %s %d: %s (oldest %s)",
		r.Subject, verb, r.Total, tally(r.ByKind), formatAge(r.OldestAge, false))
}

// tally lists counts by kind, the most frequent first.
func tally(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", counts[name], cmp.Or(name, "object"))
	}
	return strings.Join(names, ", ")
}

// A paragraph of the listing is about one leak, or several alike.
type paragraph struct {
	leak  Leak // the oldest of them
	count int
	fds   []int
}

// group puts leaks alike into one paragraph, at the place of the oldest.
func group(leaks []Leak) []paragraph {
	var paragraphs []paragraph
	at := make(map[string]int)
	for _, l := range leaks {
		key := likeness(l)
		i, ok := at[key]
		if !ok {
			i = len(paragraphs)
			at[key] = i
			paragraphs = append(paragraphs, paragraph{leak: l})
		}
		paragraphs[i].count++
		if l.FD >= 0 {
			paragraphs[i].fds = append(paragraphs[i].fds, l.FD)
		}
	}
	return paragraphs
}

// likeness is equal for leaks that one paragraph can stand for: those opened by
// the same stack, or, where there is none, those with the same description.
func likeness(l Leak) string {
	by := l.Name + "\x00" + l.Detail + "\x00" + l.Raw
	if len(l.Stack) > 0 {
		by = fmt.Sprint(l.Stack, l.CreatedBy, l.ClosedBy, l.ReusedBy)
	}
	return strings.Join([]string{l.Kind, string(l.State), l.Owner, strings.Join(l.Suspects, ","), by}, "\x00")
}

func (p paragraph) write(b *strings.Builder, subject string, width int) {
	l := p.leak
	fmt.Fprintf(b, "%*s  %-*s  %s\n", ageWidth, formatAge(l.Age, l.AgeIsBound), labelWidth, cmp.Or(l.Kind, "object"), p.title())
	if len(l.Suspects) > 0 {
		row(b, "suspects", "one of "+strings.Join(l.Suspects, ", "))
	} else if l.Owner != "" && l.Owner != subject {
		row(b, "test", l.Owner)
	}
	p.writeStack(b, width)
	if l.Fix != "" {
		row(b, "fix", l.Fix)
	}
}

// title is the rest of a paragraph's first line: name, count, number, detail,
// state.
func (p paragraph) title() string {
	l := p.leak
	if l.Kind == "goroutine" {
		return p.times(fmt.Sprintf("%s [%s]", shortFunction(Frame{Function: l.Name}), l.Detail))
	}
	var facts []string
	if fds := p.descriptors(); fds != "" {
		facts = append(facts, fds)
	}
	if l.Detail != "" {
		facts = append(facts, l.Detail)
	}
	parts := []string{p.times(l.Name)}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, ", "))
	}
	if l.State != "" {
		parts = append(parts, string(l.State))
	}
	return strings.Join(parts, "   ")
}

func (p paragraph) times(s string) string {
	if p.count > 1 {
		return fmt.Sprintf("%s ×%d", s, p.count)
	}
	return s
}

// descriptors names the numbers of a paragraph, at most eight.
func (p paragraph) descriptors() string {
	const most = 8
	switch n := len(p.fds); {
	case n == 0:
		return ""
	case n == 1:
		return fmt.Sprintf("fd %d", p.fds[0])
	default:
		numbers := make([]string, 0, most)
		for _, fd := range p.fds[:min(n, most)] {
			numbers = append(numbers, strconv.Itoa(fd))
		}
		if n > most {
			numbers = append(numbers, "…")
		}
		return "fds " + strings.Join(numbers, " ")
	}
}

// writeStack prints where the leak was opened, or that it is not known.
func (p paragraph) writeStack(b *strings.Builder, width int) {
	l := p.leak
	switch {
	case l.Raw != "":
		for line := range strings.Lines(strings.TrimSpace(l.Raw)) {
			row(b, "", strings.TrimRight(line, "\n"))
		}
	case l.Kind == "goroutine":
		writeFrames(b, "stuck at", l.Stack, width)
		if l.CreatedBy.Function != "" {
			writeFrames(b, "started", []Frame{l.CreatedBy}, width)
		}
	case len(l.Stack) > 0:
		writeFrames(b, "opened by", l.Stack, width)
		if l.CreatedBy.Function != "" {
			writeFrames(b, "started", []Frame{l.CreatedBy}, width)
		}
		writeFrames(b, "closed by", l.ClosedBy, width)
		writeFrames(b, "reused by", l.ReusedBy, width)
	default:
		row(b, "opened by", unknownOpener)
		if l.Test.Function != "" {
			writeFrames(b, "in test", []Frame{l.Test}, width)
		}
	}
}

// writeFrames prints one frame to a line, and a recursion on one.
func writeFrames(b *strings.Builder, label string, all []Frame, width int) {
	for len(all) > 0 {
		f, n := all[0], 1
		for n < len(all) && all[n] == f {
			n++
		}
		line := fmt.Sprintf("%-*s  %s:%d", width, shortFunction(f), shortFile(f), f.Line)
		if n > 1 {
			line += fmt.Sprintf(" ×%d", n)
		}
		row(b, label, line)
		label, all = "", all[n:]
	}
}

// row prints one fact below a paragraph's first line.
func row(b *strings.Builder, label, fact string) {
	fmt.Fprintf(b, "%*s  %-*s  %s\n", ageWidth, "", labelWidth, label, fact)
}

// functionWidth is the column that file names begin at.
func functionWidth(paragraphs []paragraph) int {
	width := 0
	for _, p := range paragraphs {
		for _, f := range slices.Concat(p.leak.Stack, p.leak.ClosedBy, p.leak.ReusedBy, []Frame{p.leak.CreatedBy, p.leak.Test}) {
			if n := len(shortFunction(f)); n <= funcWidth {
				width = max(width, n)
			}
		}
	}
	return width
}

// shortFunction is how a listing names the function of a frame.
func shortFunction(f Frame) string { return stack.ShortFunction(f.Function) }

// shortFile is the last directory and the base name of a frame's file.
func shortFile(f Frame) string {
	return stack.ShortFile(f.File, stack.Package(f.Function))
}

// formatAge prints d the way a listing does: "1.52s", "<0.31s", "4ms",
// "2m05s". A bound is rounded up, so that it stays one.
func formatAge(d time.Duration, bound bool) string {
	less, up := "", time.Duration(0)
	if bound {
		less, up = "<", 1
	}
	round := func(unit time.Duration) time.Duration {
		if up > 0 {
			return (d + unit - 1) / unit * unit
		}
		return d.Round(unit)
	}
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%s%dms", less, round(time.Millisecond).Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%s%.2fs", less, round(10*time.Millisecond).Seconds())
	case d < time.Hour:
		s := int(round(time.Second).Seconds())
		return fmt.Sprintf("%s%dm%02ds", less, s/60, s%60)
	default:
		m := int(round(time.Minute).Minutes())
		return fmt.Sprintf("%s%dh%02dm", less, m/60, m%60)
	}
}
