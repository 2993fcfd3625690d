package command

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseKeepsTheOrderOfGoTest(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"nothing", nil, []string{"test", "-overlay=O"}},
		{"packages", []string{"./..."}, []string{"test", "-overlay=O", "./..."}},
		{
			"flags on both sides of the packages",
			[]string{"-race", "-run", "A b", "./a", "example.com/b", "-count=1", "-v"},
			[]string{"test", "-overlay=O", "-race", "-run", "A b", "./a", "example.com/b", "-count=1", "-v"},
		},
		{
			"our flags are taken out",
			[]string{"-leak.mode=warn", "-v", "--leak.grace", "1s", "./a", "-leak.allowlost", "./b", "-leak.report=r.json"},
			[]string{"test", "-overlay=O", "-v", "./a", "./b"},
		},
		{
			"what looks like one of ours is the value of another flag",
			[]string{"-run", "-leak.mode=warn", "."},
			[]string{"test", "-overlay=O", "-run", "-leak.mode=warn", "."},
		},
		{
			"behind -args all is the tests'",
			[]string{"./...", "-args", "-leak.bogus", "-h", "./x", "-overlay=u"},
			[]string{"test", "-overlay=O", "./...", "-args", "-leak.bogus", "-h", "./x", "-overlay=u"},
		},
		{
			"behind -- too",
			[]string{".", "--", "-leak.bogus", "-help"},
			[]string{"test", "-overlay=O", ".", "--", "-leak.bogus", "-help"},
		},
		{
			"flags of the tests",
			[]string{"./...", "-update", "-golden", "x", "-leak.mode=warn", "-run", "A", "y", "-overlay", "u", "-h"},
			[]string{"test", "-overlay=O", "./...", "-update", "-golden", "x", "-run", "A", "y", "-overlay", "u", "-h"},
		},
		{
			"flags of the tests of the package here",
			[]string{"-update", "-seed", "7", "-v"},
			[]string{"test", "-overlay=O", "-update", "-seed", "7", "-v"},
		},
		{
			"an overlay of the user's",
			[]string{"-overlay", "a.json", "-v", "--overlay=b.json", "."},
			[]string{"test", "-overlay=O", "-v", "."},
		},
		{
			"-C comes first",
			[]string{"-leak.mode=warn", "-C", "sub", "-v", "."},
			[]string{"test", "-C", "sub", "-overlay=O", "-v", "."},
		},
		{
			"-C that does not come first is for go test to refuse",
			[]string{"-v", "-C", "sub"},
			[]string{"test", "-overlay=O", "-v", "-C", "sub"},
		},
		{
			"-C behind an overlay is too late as well",
			[]string{"-overlay=a.json", "-C=sub"},
			[]string{"test", "-overlay=O", "-C=sub"},
		},
		{
			"a missing value is for go test to ask for",
			[]string{".", "-run"},
			[]string{"test", "-overlay=O", ".", "-run"},
		},
		{
			"the test. prefix",
			[]string{"-test.run", "./x", "--test.v=false", "."},
			[]string{"test", "-overlay=O", "-test.run", "./x", "--test.v=false", "."},
		},
		{"odd words", []string{"-", "---x", "-=y", ""}, []string{"test", "-overlay=O", "-", "---x", "-=y", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := parse(tt.args)
			require.NoError(t, err)
			assert.False(t, in.help)
			assert.Equal(t, tt.want, in.goTest("O"))
		})
	}
}

func TestParseReadsWhatItNeeds(t *testing.T) {
	in, err := parse([]string{"-leak.mode", "warn", "-C", "sub", "-overlay=a.json", "-overlay", "b.json",
		"-leak.ignore=kind=tcp", "./...", "-leak.ignore", "func=example.com/a.F", "-leak.grace=0",
		"-leak.allowlost", "-leak.report", "r.json", "-json"})
	require.NoError(t, err)
	assert.Equal(t, settings{
		mode:      "warn",
		ignore:    []rule{{"kind", "tcp"}, {"func", "example.com/a.F"}},
		allowLost: true,
		report:    "r.json",
	}, in.settings)
	assert.Equal(t, "sub", in.dir)
	assert.Equal(t, "b.json", *in.overlay)
	assert.True(t, in.verbose)
}

func TestParseHelp(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"-help"}, {"--help"}, {"-?"}, {"-v", "-h"}, {"./...", "-h"}, {"-update", "-h", "./..."}} {
		in, err := parse(args)
		require.NoError(t, err, args)
		assert.True(t, in.help, args)
	}
	for _, args := range [][]string{{"-args", "-h"}, {"-run", "-h"}, {"--", "-h"}} {
		in, err := parse(args)
		require.NoError(t, err, args)
		assert.False(t, in.help, args)
	}
}

func TestParseRefuses(t *testing.T) {
	const swallowed = "go test does not know -update, and takes all that follows for arguments of the tests, "
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-leak.moed=warn"}, "unknown flag -leak.moed: the flags are\n\t-leak.mode=fail|warn\n"},
		{[]string{"-leak.=warn"}, "unknown flag -leak.: the flags are\n"},
		{[]string{"-leak.mode"}, "-leak.mode needs a value: the flags are\n"},
		{[]string{"-leak.report", "-v"}, "-leak.report needs a value: "},
		{[]string{"-update", "./..."}, swallowed + "./... too: write flags of the tests after the packages, or after -args"},
		{[]string{"-update", "-v", "example.com/..."}, swallowed + "example.com/... too"},
		{[]string{"-update", "x", "y", "../z"}, swallowed + "../z too"},
		{[]string{"-update", "-leak.mode=warn", "."}, swallowed + ". too"},
		{[]string{"-n=1", "-update", "."}, swallowed + ". too"},
	} {
		_, err := parse(tt.args)
		require.Error(t, err, tt.args)
		assert.Contains(t, err.Error(), tt.want, tt.args)
	}
}

func TestParseAcceptsFlagsOfTheTestsBehindThePackages(t *testing.T) {
	for _, args := range [][]string{
		{"./a", "-golden", "./b"},
		{"-golden=./b"},
		{"-golden", "testdata"},
		{"-update", "-args", "./b"},
	} {
		_, err := parse(args)
		assert.NoError(t, err, args)
	}
}
