package command

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestHelpFitsOneScreen(t *testing.T) {
	for _, text := range []string{usage, testUsage} {
		lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\t", "        "), "\n"), "\n")
		assert.LessOrEqual(t, len(lines), 24)
		for _, line := range lines {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
}

func TestHelpNamesTheFlagsThereAre(t *testing.T) {
	flags := regexp.MustCompile(`-leak\.\w+`)
	named := make(map[string]bool)
	for _, text := range []string{testUsage, allowed} {
		for _, f := range flags.FindAllString(text, -1) {
			_, err := settings{}.takesValue(strings.TrimPrefix(f, "-"+prefix))
			assert.NoError(t, err)
			named[f] = true
		}
		assert.Len(t, named, 5)
	}
}
