package goroutine

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// calls returns n frames, f1 innermost.
func calls(n int) []Frame {
	var fs []Frame
	for i := range n {
		fs = append(fs, Frame{Function: "main.f" + strconv.Itoa(i+1), Line: i + 1})
	}
	return fs
}

// elide returns the dump of a stack deeper than 100 frames.
func elide(fs []Frame) Goroutine {
	return Goroutine{Frames: slices.Concat(fs[:50], fs[len(fs)-50:]), Elided: true, inner: 50, elided: len(fs) - 100}
}

func TestMatches(t *testing.T) {
	f, g, park := Frame{"main.f", "/f.go", 3}, Frame{"main.g", "/g.go", 5}, Frame{"runtime.gopark", "/p.go", 1}
	moved, elsewhere := Frame{"main.f", "/f.go", 4}, Frame{"main.g", "/g.go", 6}
	for name, c := range map[string]struct {
		dump, profile []Frame
		want          bool
	}{
		"equal":                         {[]Frame{f, g}, []Frame{f, g}, true},
		"with the runtime's own":        {[]Frame{f, g}, []Frame{park, f, g, {Function: "runtime.goexit"}}, true},
		"the innermost has moved":       {[]Frame{f, g}, []Frame{moved, g}, true},
		"another line further out":      {[]Frame{f, g}, []Frame{f, elsewhere}, false},
		"another function":              {[]Frame{f, g}, []Frame{{"main.h", "/f.go", 3}, g}, false},
		"one call more":                 {[]Frame{f, g}, []Frame{f, g, g}, false},
		"one call less":                 {[]Frame{f, g, g}, []Frame{f, g}, false},
		"nothing":                       {nil, nil, false},
		"nothing but the runtime's own": {[]Frame{park}, []Frame{park}, false},
	} {
		assert.Equal(t, c.want, Goroutine{Frames: c.dump}.Matches(c.profile), name)
	}
}

func TestMatchesWhereBothAreCut(t *testing.T) {
	long := calls(300)
	short := long[:110]
	assert.True(t, elide(short).Matches(short), "the profile has all of it")
	assert.True(t, elide(long).Matches(long[:125]), "the profile has lost the outer end")
	assert.False(t, elide(long).Matches(short), "the profile keeps more than that")
	assert.False(t, elide(short).Matches(long[:125]), "the profile shows more than there was")
	assert.False(t, elide(long).Matches(long[1:126]), "another inner end")
	for _, i := range []int{1, 30, 100, 109} {
		other := slices.Clone(short)
		other[i].Line++
		assert.False(t, elide(short).Matches(other), i)
	}
	assert.False(t, Goroutine{Elided: true, inner: 5}.Matches(long), "not what a runtime writes")
}
