package instrument

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables of probes into docs/probes.md")

// The tables in the documentation are what is patched.
func TestDocumentedProbes(t *testing.T) {
	const file = "../../docs/probes.md"
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, system := range []string{"linux", "darwin"} {
		table, err := Table(Toolchain{GOROOT: strings.TrimSpace(string(goroot)), GOOS: system, GOARCH: "amd64"})
		require.NoError(t, err)
		begin, end := "<!-- "+system+" -->\n", "<!-- end -->\n"
		before, rest, ok := strings.Cut(string(text), begin)
		require.True(t, ok, begin)
		documented, after, ok := strings.Cut(rest, end)
		require.True(t, ok, end)
		if *update {
			text = []byte(before + begin + "\n" + table + "\n" + end + after)
			require.NoError(t, os.WriteFile(file, text, 0o666))
			continue
		}
		assert.Equal(t, "\n"+table+"\n", documented, "write it with -update")
	}
}
