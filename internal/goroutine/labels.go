package goroutine

import (
	"strconv"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/label"
)

// parseLabel finds the value of label.Key in `"k": "v", "k2": "v2"}`. In a dump
// both are quoted by printquoted in runtime/print.go, in a profile by %q, with
// no space between them; strconv understands either.
func parseLabel(labels string) (string, bool) {
	for {
		key, rest, ok := unquoteFirst(labels)
		if !ok {
			return "", false
		}
		value, rest, ok := unquoteFirst(strings.TrimLeft(rest, ": "))
		if !ok {
			return "", false
		}
		if key == label.Key {
			return value, true
		}
		labels = strings.TrimLeft(rest, ", ")
	}
}

// unquoteFirst splits text behind the quoted string it begins with.
func unquoteFirst(text string) (first, rest string, ok bool) {
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", false
	}
	first, err = strconv.Unquote(quoted)
	return first, text[len(quoted):], err == nil
}
