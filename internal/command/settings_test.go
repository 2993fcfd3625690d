package command

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSettingsVariable(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "fail"},
		{[]string{"-leak.mode=fail"}, "fail"},
		{[]string{"-leak.mode=warn", "-leak.mode=fail"}, "fail"},
		{[]string{"-leak.report=r.json"}, "fail"},
		{[]string{"-leak.grace=0"}, "fail,grace=0s"},
		{[]string{"-leak.allowlost=false"}, "fail"},
		{
			[]string{"-leak.ignore=kind=pty", "-leak.allowlost", "-leak.grace=1500ms", "-leak.mode=warn",
				"-leak.ignore=path=/a b/**", "-leak.ignore=func=example.com/a=b.(*T).F"},
			"warn,grace=1.5s,allowlost,ignorekind=pty,ignorepath=/a b/**,ignorefunc=example.com/a=b.(*T).F",
		},
	} {
		in, err := parse(tt.args)
		require.NoError(t, err, tt.args)
		assert.Equal(t, tt.want, in.settings.variable(), tt.args)
	}
}

func TestSettingsRefuse(t *testing.T) {
	for arg, want := range map[string]string{
		"-leak.mode=off":                "-leak.mode=off: use fail (a test that leaks fails) or warn (it is only reported)",
		"-leak.mode=":                   "-leak.mode=: use fail",
		"-leak.grace=2":                 "-leak.grace=2: use a duration such as 500ms or 2s",
		"-leak.grace=-1s":               "-leak.grace=-1s: use a duration",
		"-leak.allowlost=maybe":         "-leak.allowlost=maybe: use true or false",
		"-leak.allowlost=":              "use true or false",
		"-leak.ignore=tcp":              "-leak.ignore=tcp: use kind=K, path=GLOB or func=NAME",
		"-leak.ignore=kind":             "nothing follows kind=",
		"-leak.ignore=path=":            "nothing follows path=",
		"-leak.ignore=path=[":           "-leak.ignore=path=[: syntax error in pattern: see go doc path/filepath.Match for the syntax",
		"-leak.ignore=kind=tcp,udp":     "a comma cannot be part of it: repeat the flag for each",
		"-leak.ignore=test=TestMistake": "use kind=K, path=GLOB or func=NAME",
		"-leak.report=":                 "-leak.report=: the name of a file is missing",
	} {
		_, err := parse([]string{arg})
		require.Error(t, err, arg)
		assert.Contains(t, err.Error(), want)
	}
}
