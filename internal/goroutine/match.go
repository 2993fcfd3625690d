package goroutine

import (
	"slices"
	"strings"
)

// profileDeep is how many frames a profile must show for its outer end to be
// possibly missing: it keeps 128 calls, of which a few are the runtime's.
const profileDeep = 120

// Matches reports whether the goroutine may be one of a [Group] with these
// frames: the same functions on the same lines, those of the runtime apart.
// The line of the innermost function may differ, since the goroutine may have
// gone on between the dump and the profile. Where the dump has left out the
// middle, that part cannot be compared, and where the profile has lost the
// outer end, only the inner part can. A goroutine with no frames but the
// runtime's matches nothing.
func (g Goroutine) Matches(frames []Frame) bool {
	cut := min(g.inner, len(g.Frames))
	if !g.Elided {
		cut = len(g.Frames)
	}
	inner, outer := outside(g.Frames[:cut]), outside(g.Frames[cut:])
	group := outside(frames)
	if !sameInner(inner, group) {
		return false
	}
	if depth := len(inner) + g.elided + len(outer); len(group) != depth {
		return g.Elided && profileDeep <= len(group) && len(group) < depth
	}
	return endsWith(group, outer)
}

// outside drops the runtime's own frames.
func outside(fs []Frame) []Frame {
	return slices.DeleteFunc(slices.Clone(fs), func(f Frame) bool { return ofRuntime(f.Function) })
}

// sameInner reports whether group begins with inner, but for the line of the
// innermost frame. An empty inner is the same as nothing.
func sameInner(inner, group []Frame) bool {
	if len(inner) == 0 || len(inner) > len(group) || inner[0].Function != group[0].Function {
		return false
	}
	return slices.Equal(lines(inner[1:]), lines(group[1:len(inner)]))
}

func endsWith(group, outer []Frame) bool {
	return slices.Equal(lines(outer), lines(group[len(group)-len(outer):]))
}

// lines drops the files, which a function name and a line already imply.
func lines(fs []Frame) []Frame {
	fs = slices.Clone(fs)
	for i := range fs {
		fs[i].File = ""
	}
	return fs
}

const runtimePrefix = "runtime."

// ofRuntime reports whether a function belongs to the runtime itself. A dump
// calls runtime.gopanic "panic".
func ofRuntime(function string) bool {
	return strings.HasPrefix(function, runtimePrefix) ||
		strings.HasPrefix(function, "internal/runtime/") || function == "panic"
}
