package goroutine

import (
	"strconv"
	"strings"
)

// Parse reads a dump as runtime.Stack writes it, or the traceback of a crash.
// It never fails: a line that it cannot read is passed over, and what does not
// even begin like a goroutine becomes one that has only Raw.
//
// The format is that of goroutineheader, traceback2 and printcreatedby in
// runtime/traceback.go.
func Parse(text []byte) []Goroutine {
	var gs []Goroutine
	for rest := string(text); rest != ""; {
		n := blockLen(rest)
		if raw := strings.Trim(rest[:n], "\r\n"); raw != "" {
			gs = append(gs, parseBlock(raw))
		}
		rest = rest[n:]
	}
	return gs
}

// blockLen returns the length of the text before the second goroutine header,
// or before the first one if text does not begin with it.
func blockLen(text string) int {
	for n := 0; ; {
		i := strings.IndexByte(text[n:], '\n')
		if i < 0 {
			return len(text)
		}
		n += i + 1
		if isHeader(text[n:]) {
			return n
		}
	}
}

const headerStart = "goroutine "

func isHeader(text string) bool {
	rest, ok := strings.CutPrefix(text, headerStart)
	return ok && rest != "" && '0' <= rest[0] && rest[0] <= '9'
}

func parseBlock(raw string) Goroutine {
	header, body, _ := strings.Cut(raw, "\n")
	g := Goroutine{Raw: raw}
	if parseHeader(strings.TrimSuffix(header, "\r"), &g) {
		parseBody(body, &g)
	}
	return g
}

// parseBody reads the lines after the header: for each call its function and,
// after a tab, its place, innermost first; then who started the goroutine;
// then, under GODEBUG=tracebackancestors=N, the stacks of its ancestors, which
// are not its own. A blank line ends it.
func parseBody(body string, g *Goroutine) {
	var at *Frame // whose place is expected next
	created := false
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
			return
		case line[0] == '\t':
			if at != nil {
				parsePlace(line[1:], at)
			}
			at = nil
		case created || strings.HasPrefix(line, "[originating from goroutine "):
			return
		case strings.HasPrefix(line, "...") && strings.HasSuffix(line, " elided..."):
			parseElided(line, g)
			at = nil
		case strings.HasPrefix(line, createdStart):
			parseCreated(line, g)
			at, created = &g.CreatedBy, true
		default:
			g.Frames = append(g.Frames, Frame{Function: functionName(line)})
			at = &g.Frames[len(g.Frames)-1]
		}
	}
}

// parseElided reads "...23 frames elided...".
func parseElided(line string, g *Goroutine) {
	g.Elided, g.inner = true, len(g.Frames)
	number, _, _ := strings.Cut(strings.TrimPrefix(line, "..."), " ")
	if n, err := strconv.Atoi(number); err == nil && 0 < n && n < 1<<30 {
		g.elided = n
	}
}

// functionName drops the arguments, which hold no parenthesis themselves:
// "main.(*T).m(0xc000012345, {0x1, 0x2}, ...)". The name of a C function has
// none, and no arguments either.
func functionName(line string) string {
	if strings.HasSuffix(line, ")") {
		if i := strings.LastIndexByte(line, '('); i > 0 {
			return line[:i]
		}
	}
	return line
}

// parsePlace reads "/path/file.go:12 +0x1d fp=0x1 sp=0x2 pc=0x3". The path may
// hold spaces and colons.
func parsePlace(line string, f *Frame) {
	for _, mark := range []string{" +0x", " fp=0x", " pc=0x"} {
		if i := strings.LastIndex(line, mark); i >= 0 {
			line = line[:i]
		}
	}
	i := strings.LastIndexByte(line, ':')
	if i < 0 {
		return
	}
	if n, err := strconv.Atoi(line[i+1:]); err == nil && n >= 0 {
		f.File, f.Line = line[:i], n
	}
}

const (
	createdStart = "created by "
	createdIn    = " in goroutine "
)

func parseCreated(line string, g *Goroutine) {
	name := line[len(createdStart):]
	if i := strings.LastIndex(name, createdIn); i >= 0 {
		if id, err := strconv.ParseInt(name[i+len(createdIn):], 10, 64); err == nil && id >= 0 {
			name, g.Parent = name[:i], id
		}
	}
	g.CreatedBy.Function = name
}
