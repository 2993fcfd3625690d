package command

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersionLine(t *testing.T) {
	system := []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "GOARCH", Value: "arm64"}}
	released := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: system}
	released.Main.Version = "v1.2.3"
	assert.Equal(t, "leakcheck v1.2.3 go1.26.8 linux/arm64\n", versionLine(released))

	checkout := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: append(system,
		debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123"},
		debug.BuildSetting{Key: "vcs.modified", Value: "true"})}
	checkout.Main.Version = "(devel)"
	assert.Equal(t, "leakcheck (devel) 0123456789ab+dirty go1.26.8 linux/arm64\n", versionLine(checkout))
	assert.Contains(t, versionLine(nil), "version not recorded")
}
