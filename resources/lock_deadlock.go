package resources

import "slices"

// findCycle returns a way from start along the edges back to start, as the
// nodes it visits with start first, nil if there is none. It asks for the edges
// of each node at most once.
func findCycle[N comparable](start N, edges func(N) []N) []N {
	seen := map[N]bool{start: true}
	var way []N
	var visit func(N) bool
	visit = func(n N) bool {
		way = append(way, n)
		next := edges(n)
		if slices.Contains(next, start) {
			return true
		}
		for _, to := range next {
			if !seen[to] {
				seen[to] = true
				if visit(to) {
					return true
				}
			}
		}
		way = way[:len(way)-1]
		return false
	}
	if visit(start) {
		return way
	}
	return nil
}
