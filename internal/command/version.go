package command

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionLine is the version of the module that the command was built from, and
// the release of Go that built it.
func versionLine(info *debug.BuildInfo) string {
	if info == nil {
		return fmt.Sprintf("leakcheck (version not recorded) %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := ""
	if v := info.Main.Version; v == "" || v == "(devel)" {
		if revision = settings["vcs.revision"]; revision != "" {
			revision = " " + revision[:min(len(revision), 12)]
			if settings["vcs.modified"] == "true" {
				revision += "+dirty"
			}
		}
	}
	return fmt.Sprintf("leakcheck %s%s %s %s/%s\n", cmp.Or(info.Main.Version, "(devel)"), revision,
		info.GoVersion, settings["GOOS"], settings["GOARCH"])
}
