package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// rest is everything after the name of a real /proc/PID/stat, with the state
// left open.
const rest = " 15400 15409 15400 0 -1 4194304 92 0 0 0 0 0 0 0 20 0 1 0 6532170 2392064 247 184 94 0 0 0 0\n"

func TestParseStat(t *testing.T) {
	for _, name := range []string{"sleep", "", "a b", "a) R 1 (b", ")", "((", ") Z 1 2 3"} {
		got, err := parseStat("15409 (" + name + ") S" + rest)
		assert.NoError(t, err, name)
		assert.Equal(t, stat{comm: name, state: 'S', ppid: 15400, start: 6532170}, got)
	}
}

func TestParseStatRefusesWhatIsNotOne(t *testing.T) {
	for _, text := range []string{
		"", "15409", "15409 (sleep", "15409 )sleep( S" + rest, "15409 (sleep) S 1 2 3",
		"15409 (sleep) S x" + rest, "15409 (sleep) S" + strings.Replace(rest, "6532170", "-1", 1),
	} {
		_, err := parseStat(text)
		assert.Error(t, err, "%q", text)
	}
}

func TestStateWords(t *testing.T) {
	for letters, word := range map[string]string{"RSDI": Running, "Tt": Stopped, "ZXx": Exited} {
		for _, letter := range []byte(letters) {
			assert.Equal(t, word, stat{state: letter}.word(), string(letter))
		}
	}
}

func TestCommandLine(t *testing.T) {
	for cmdline, want := range map[string]string{
		"":                               "",
		"sleep\x0060\x00":                "sleep 60",
		"sh\x00-c\x00sleep 60; true\x00": `sh -c "sleep 60; true"`,
		"grep\x00\x00a\nb\x00":           `grep "" "a\nb"`,
		"title set by the process":       `"title set by the process"`,
	} {
		assert.Equal(t, want, commandLine(cmdline))
	}
	long := commandLine("java\x00" + strings.Repeat("é", maxCommand) + "\x00")
	assert.LessOrEqual(t, len(long), maxCommand+len("..."))
	assert.True(t, strings.HasSuffix(long, "é..."), "cut between two characters, not inside one: %q", long)
}
