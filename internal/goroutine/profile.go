package goroutine

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// A Group is all goroutines of one label value with one and the same stack.
type Group struct {
	Label string // the value of label.Key
	Count int
	// Frames is the stack as a dump prints it: innermost first, inlined calls
	// too, and of the runtime only what it exports. The profile keeps the
	// innermost 128 calls (GODEBUG=profstackdepth).
	Frames []Frame
}

// ByLabel returns the goroutines that carry [label.Key], in the order of the
// goroutine profile: the largest group first. It stops the world twice, for
// a moment; a goroutine started meanwhile may be missing. It needs no
// descriptor.
//
// It reads the profile's text form. The protocol buffer says the same, but to
// write it opens /proc/self/maps and allocates more than a megabyte for the
// compressor, which is most of the cost where there are few goroutines, and
// brings on a collection in the middle of a test.
func ByLabel() ([]Group, error) {
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		return nil, fmt.Errorf("writing the goroutine profile: %w", err)
	}
	return parseProfile(buf.String())
}

// parseProfile reads what printCountProfile in runtime/pprof/pprof.go writes:
// for each stack a paragraph such as
//
//	2 @ 0x47a1b2 0x40f3a5
//	# labels: {"leakcheck":"TestExport", "other":"label"}
//	#	0x47a1b1	main.wait+0x11		/src/main.go:12
//
// What differs only in other labels, or in addresses within one line, is one
// group.
func parseProfile(text string) ([]Group, error) {
	first, rest, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(first, "goroutine profile: total ") {
		return nil, fmt.Errorf("reading the goroutine profile: it begins with %q, not with a total;"+
			" this release of Go may write another format", first)
	}
	var groups []Group
	at := make(map[string]int)
	for paragraph := range strings.SplitSeq(rest, "\n\n") {
		gr, ok := parseGroup(paragraph)
		if !ok {
			continue
		}
		key := gr.key()
		if i, known := at[key]; known {
			groups[i].Count += gr.Count
			continue
		}
		at[key] = len(groups)
		groups = append(groups, gr)
	}
	return groups, nil
}

// parseGroup reads one paragraph, if it carries the label.
func parseGroup(paragraph string) (Group, bool) {
	header, rest, _ := strings.Cut(strings.TrimPrefix(paragraph, "\n"), "\n")
	labels, stack, _ := strings.Cut(rest, "\n")
	labels, labelled := strings.CutPrefix(labels, "# labels: {")
	if !labelled || !strings.Contains(labels, strconv.Quote(label.Key)) {
		return Group{}, false
	}
	value, ok := parseLabel(labels)
	if !ok {
		return Group{}, false
	}
	number, _, _ := strings.Cut(header, " @")
	count, err := strconv.Atoi(number)
	return Group{Label: value, Count: count, Frames: parseStack(stack)}, err == nil && count > 0
}

// parseStack keeps the calls of the runtime only when there are no others: so
// does traceback1 in runtime/traceback.go.
func parseStack(text string) []Frame {
	var all, fs []Frame
	for line := range strings.SplitSeq(text, "\n") {
		f, ok := parseCall(line)
		if !ok {
			continue
		}
		all = append(all, f)
		if shown(f.Function) {
			f.Function = shortName(f.Function)
			fs = append(fs, f)
		}
	}
	if len(fs) == 0 {
		return all
	}
	return fs
}

// parseCall reads one line of printStackRecord in runtime/pprof/pprof.go. It
// has columns between tabs: "#", an address, the function and its offset, the
// place. A function that has no name has only an address.
func parseCall(line string) (f Frame, ok bool) {
	_, rest, _ := strings.Cut(strings.TrimPrefix(line, "#\t"), "\t")
	name, place, _ := strings.Cut(strings.TrimLeft(rest, "\t"), "\t")
	if i := strings.LastIndex(name, "+0x"); i > 0 {
		f.Function = name[:i]
	}
	parsePlace(strings.TrimLeft(place, "\t"), &f)
	return f, f.Function != ""
}

// key is what two paragraphs of one group have in common.
func (gr Group) key() string {
	var b strings.Builder
	b.WriteString(gr.Label)
	for _, f := range gr.Frames {
		b.WriteByte(0)
		b.WriteString(f.Function)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(f.Line))
	}
	return b.String()
}

// shown reports whether a dump shows a function: showfuncinfo in
// runtime/traceback.go.
func shown(function string) bool {
	name, ok := strings.CutPrefix(function, runtimePrefix)
	if !ok {
		return true
	}
	switch name {
	case "runFinalizers", "runCleanups", "gopanic":
		return true
	}
	name = strings.TrimLeft(name, "(*")
	method := name[strings.LastIndexByte(name, '.')+1:]
	return isUpper(name) && isUpper(method)
}

func isUpper(name string) bool { return name != "" && 'A' <= name[0] && name[0] <= 'Z' }

// shortName writes type arguments as a dump does: funcNamePiecesForPrint in
// runtime/symtab.go. runtime.gopanic is "panic" there: printFuncName in
// runtime/traceback.go.
func shortName(function string) string {
	if function == "runtime.gopanic" {
		return "panic"
	}
	i, j := strings.IndexByte(function, '['), strings.LastIndexByte(function, ']')
	if i < 0 || j <= i {
		return function
	}
	return function[:i] + "[...]" + function[j+1:]
}
