package command

import (
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables are compared with the help texts of the go command that is
// installed, so that the flags of a new release are noticed.
func TestFlagsAreThoseOfGo(t *testing.T) {
	documented := make(map[string]bool)
	for _, topic := range []string{"test", "testflag", "build"} {
		text, err := exec.Command("go", "help", topic).Output()
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^\t-([\w-]+)( .+)?$`).FindAllStringSubmatch(string(text), -1) {
			if m[1] != "args" {
				documented[m[1]] = m[2] != ""
			}
		}
	}
	ours := map[string]bool{"debug-actiongraph": true, "debug-runtime-trace": true, "debug-trace": true}
	for name := range ours {
		documented[name] = true // by nothing but the source of the go command
	}
	all := make(map[string]bool)
	for _, table := range []map[string]bool{goFlags, testFlags} {
		for name, valued := range table {
			assert.NotContains(t, all, name, "in both tables")
			all[name] = valued
		}
	}
	assert.Equal(t, documented, all)
}

func TestGoTestKnows(t *testing.T) {
	for name, want := range map[string][2]bool{
		"run":       {true, true},
		"test.run":  {true, true},
		"v":         {false, true},
		"race":      {false, true},
		"test.race": {false, false},
		"update":    {false, false},
	} {
		valued, known := goTestKnows(name)
		assert.Equal(t, want, [2]bool{valued, known}, name)
	}
}

func TestSplitGOFLAGS(t *testing.T) {
	assert.Equal(t, []flag{
		{name: "v"},
		{name: "overlay", value: "a b.json", hasValue: true},
		{name: "ldflags", value: "-s -w", hasValue: true},
		{name: "tags", value: `"x`, hasValue: true},
		{name: "mod", value: "mod", hasValue: true},
	}, splitGOFLAGS(`-v '-overlay=a b.json'	"--ldflags=-s -w" -tags="x stray -- -mod=mod `))
	assert.Empty(t, splitGOFLAGS(""))
	assert.Equal(t, []flag{{name: "v"}}, splitGOFLAGS("'-v"))
}

func TestMakesVerbose(t *testing.T) {
	for arg, want := range map[string]bool{
		"-v": true, "--v": true, "-v=true": true, "-test.v": true, "-v=test2json": true, "-json": true,
		"-v=false": false, "-json=0": false, "-x": false, "-run=v": false,
	} {
		f, ok := asFlag(arg)
		require.True(t, ok)
		assert.Equal(t, want, f.makesVerbose(), arg)
	}
}
