package goroutine

import "slices"

// Identify finds each of all, as [All] returned them, in a dump that was taken
// just before. Goroutines with equal stacks are told apart by their order,
// which for those that are blocked is the same in both: the one in which the
// runtime keeps them. What has moved on in between is made up of what is known.
func Identify(all []Marked, dump []Goroutine) []Goroutine {
	at := make(map[string][]int) // places in the dump, by innermost function
	for i, g := range dump {
		f := innermost(g.Frames)
		at[f] = append(at[f], i)
	}
	out := make([]Goroutine, len(all))
	for i, m := range all {
		frames := m.Frames()
		f := innermost(frames)
		k := slices.IndexFunc(at[f], func(i int) bool { return dump[i].Matches(frames) })
		if k < 0 {
			out[i] = Goroutine{State: "running", Frames: frames}
			continue
		}
		out[i] = dump[at[f][k]]
		at[f] = slices.Delete(at[f], k, k+1)
	}
	return out
}

// innermost is the first function that is not the runtime's own.
func innermost(frames []Frame) string {
	for _, f := range frames {
		if !ofRuntime(f.Function) {
			return f.Function
		}
	}
	return ""
}
