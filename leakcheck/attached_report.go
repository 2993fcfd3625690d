//go:build leakcheck_attached

package leakcheck

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// reportVariable names the environment variable with the directory that the
// leakcheck command collects reports from. It is read by os.Getenv where there
// is something to report, and there only: so the go command sees that such a
// result depends on it, and does not answer the next run from its cache without
// the report.
const reportVariable = "LEAKCHECK_DIR"

var reportFile sync.Mutex

// writeReport appends r to this process's file.
func writeReport(r Report) {
	dir := os.Getenv(reportVariable)
	if dir == "" {
		return
	}
	reportFile.Lock()
	defer reportFile.Unlock()
	if err := appendReport(filepath.Join(dir, strconv.Itoa(os.Getpid())+".jsonl"), r); err != nil {
		fmt.Fprintf(os.Stderr, "leakcheck: the summary lacks %s: %v\n", r.Subject, err)
	}
}

func appendReport(file string, r Report) error {
	line, err := json.Marshal(struct {
		Package string `json:"package"`
		Report  Report `json:"report"`
	}{packagePath(), r})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// packagePath is the import path of the package under test.
func packagePath() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" {
		return strings.TrimSuffix(info.Path, ".test")
	}
	return packageName()
}
