package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheckVersion(t *testing.T) {
	for _, v := range []string{"go1.26", "go1.26rc1", "go1.26.0", "go1.26.8", "go1.26.8 X:nodwarf5", "go1.27rc2", "go1.30.1-custom",
		"devel go1.27-1234abcd Mon Jan 5 10:00:00 2026 +0000", "devel +1234abcd", "something else"} {
		assert.NoError(t, goEnv{GOVERSION: v, GOMOD: "/m/go.mod"}.check("/m"), v)
	}
	for v, named := range map[string]string{
		"go1.25.3":              "go1.25.3",
		"go1.9":                 "go1.9",
		"go1.25.3 X:nocoverage": "go1.25.3",
		"devel go1.25-1234abcd Mon Jan 5 10:00:00 2026 +0000": "go1.25-1234abcd",
	} {
		assert.EqualError(t, goEnv{GOVERSION: v, GOMOD: "/m/go.mod"}.check("/m"),
			named+` builds the tests here, and leakcheck needs go1.26 or newer: run GOTOOLCHAIN=go1.26.8 leakcheck test, or write the line "toolchain go1.26.8" into go.mod`, v)
	}
}

func TestCheckModule(t *testing.T) {
	const v = "go1.26.8"
	assert.NoError(t, goEnv{GOVERSION: v, GOMOD: "/m/go.mod", GOWORK: "off"}.check("/m"))
	assert.NoError(t, goEnv{GOVERSION: v, GOMOD: os.DevNull, GOWORK: "/m/go.work"}.check("/m"))
	const none = "no go.mod in /m or above: run leakcheck test inside a module (go mod init makes one)"
	assert.EqualError(t, goEnv{GOVERSION: v, GOMOD: os.DevNull}.check("/m"), none)
	assert.EqualError(t, goEnv{GOVERSION: v}.check("/m"), none)
	assert.EqualError(t, goEnv{GOVERSION: v, GOMOD: os.DevNull, GOWORK: "off"}.check("/m"), none)
	assert.EqualError(t, goEnv{GOVERSION: v, GO111MODULE: "off"}.check("/m"),
		"modules are off: leakcheck needs one: unset GO111MODULE")
}

func TestWithoutSwitch(t *testing.T) {
	join := func(dirs ...string) string {
		s := ""
		for i, d := range dirs {
			if i > 0 {
				s += string(os.PathListSeparator)
			}
			s += filepath.FromSlash(d)
		}
		return s
	}
	const switched = "/mod/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64"
	for _, tt := range []struct {
		name, goroot, path, want string
		switched                 bool
	}{
		{"switched", switched, join(switched+"/bin", "/usr/local/go/bin", "/bin"), join("/usr/local/go/bin", "/bin"), true},
		{"switched, and nothing else", switched, join(switched + "/bin"), "", true},
		{"not switched", "", join("/usr/local/go/bin", "/bin"), join("/usr/local/go/bin", "/bin"), false},
		{"a GOROOT of the user's", "/opt/go", join("/opt/go/bin", "/bin"), join("/opt/go/bin", "/bin"), false},
		{"GOROOT without its go command", switched, join("/bin"), join("/bin"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, ok := withoutSwitch(filepath.FromSlash(tt.goroot), tt.path)
			assert.Equal(t, tt.want, path)
			assert.Equal(t, tt.switched, ok)
		})
	}
}
