package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A row is one comparison.
type row struct {
	what     string
	own      float64 // leakcheck's, in the unit
	unit     unit    // nil if nothing was measured
	peer     string  // what it is compared with, "" for nothing
	peersOwn float64
	ratio    float64 // own to the peer's, 0 for none
	budget   budget
	busy     float64 // how busy the machine was, 0 if that did not matter
	note     string  // stands behind the outcome
}

// A budget is the most that a row may cost: as a ratio to the peer, or in the
// unit of the row. The zero budget is none: the row is for information.
type budget struct {
	ratio float64
	most  float64
}

// A unit formats a value.
type unit func(float64) string

// cells are the row as the table shows it.
func (r row) cells() []string {
	cells := []string{r.what, "", r.peer, "", "", "", ""}
	if r.unit != nil {
		cells[1] = r.unit(r.own)
	}
	if r.peer != "" {
		cells[3] = r.unit(r.peersOwn)
		cells[4] = times(r.ratio)
	}
	switch {
	case r.budget.ratio > 0:
		cells[5], cells[6] = "≤ "+times(r.budget.ratio), outcome(r.ratio/r.budget.ratio)
	case r.budget.most > 0:
		cells[5], cells[6] = "≤ "+r.unit(r.budget.most), outcome(r.own/r.budget.most)
	}
	if r.busy > 0 {
		cells[6] += "*"
	}
	if cells[6] != "" && r.note != "" {
		cells[6] += ", "
	}
	cells[6] += r.note
	return cells
}

// outcome says whether a budget was kept, of which used is the part that was
// needed.
func outcome(used float64) string {
	if used <= 1 {
		return "ok"
	}
	return fmt.Sprintf("missed by %.0f %%", 100*(used-1))
}

// A table holds the rows in the order in which they were measured.
type table struct{ rows []row }

func (t *table) add(r row) { t.rows = append(t.rows, r) }

var heading = []string{"what", "leakcheck", "peer", "peer's", "ratio", "budget", ""}

// rightAligned tells the columns of numbers.
var rightAligned = []bool{false, true, false, true, true, true, false}

// String lays the table out in aligned columns.
func (t *table) String() string {
	lines := [][]string{heading}
	for _, r := range t.rows {
		lines = append(lines, r.cells())
	}
	width := make([]int, len(heading))
	for _, cells := range lines {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, cells := range lines {
		var line strings.Builder
		for i, c := range cells {
			gap := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if rightAligned[i] {
				c = gap + c
			} else {
				c += gap
			}
			line.WriteString(c + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String() + t.footnote()
}

// footnote explains the rows with an asterisk.
func (t *table) footnote() string {
	busy := 0.0
	for _, r := range t.rows {
		busy = max(busy, r.busy)
	}
	if busy == 0 {
		return ""
	}
	return fmt.Sprintf("* on a busy machine: arithmetic took up to %s as long on two threads as on one\n", times(busy))
}

func times(ratio float64) string {
	if ratio < 0.1 {
		return fmt.Sprintf("%.3f ×", ratio)
	}
	return fmt.Sprintf("%.2f ×", ratio)
}

func inBytes(n float64) string { return fmt.Sprintf("%.0f B", n) }

// duration formats nanoseconds with three digits.
func duration(ns float64) string {
	switch {
	case ns >= 1e9:
		return threeDigits(ns/1e9) + " s"
	case ns >= 1e6:
		return threeDigits(ns/1e6) + " ms"
	case ns >= 1e3:
		return threeDigits(ns/1e3) + " µs"
	}
	return threeDigits(ns) + " ns"
}

func threeDigits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
