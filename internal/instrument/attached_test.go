package instrument

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAttach(t *testing.T) {
	const doc, rest = "// Copyright.\n\n", "\npackage p\n\n//go:build leakcheck_attached\n"
	for line, want := range map[string]string{
		"//go:build linux\n":                                   "//go:build linux\n",
		"//go:build leakcheck_attached\n":                      "//\n",
		"//go:build !leakcheck_attached\n":                     "",
		"//go:build leakcheck_attached && linux\n":             "//go:build linux\n",
		"//go:build linux && !leakcheck_attached\n":            "",
		"//go:build leakcheck_attached || linux\n":             "//\n",
		"//go:build !leakcheck_attached || linux\n":            "//go:build linux\n",
		"//go:build !(leakcheck_attached && linux)\n":          "//go:build !linux\n",
		"//go:build !(leakcheck_attached || linux)\n":          "",
		"//go:build unix && (!linux || leakcheck_attached)\n":  "//go:build unix\n",
		"//go:build gc && amd64 && !leakcheck_noasm\n":         "",
		"//go:build !gc || !amd64 || leakcheck_noasm\n":        "//\n",
		"//go:build linux && (amd64 || arm64)\n":               "//go:build linux && (amd64 || arm64)\n",
		"//go:build leakcheck_attached && (amd64 || !linux)\n": "//go:build amd64 || !linux\n",
		"": "",
	} {
		got, ok := attach([]byte(doc + line + rest))
		if want == "" && line != "" {
			assert.False(t, ok, line)
			continue
		}
		assert.True(t, ok, line)
		assert.Equal(t, doc+want+rest, string(got), line)
	}
}
