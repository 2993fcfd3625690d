package leakcheck

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-leakcheck/leakcheck/internal/fdtable"
)

// testingFiles are the flags that name files which package testing opens after
// package initialisation and keeps open: see (*M).before in testing/testing.go.
var testingFiles = []string{"test.testlogfile", "test.cpuprofile", "test.trace"}

// belongsToNobody reports whether g is a descriptor that the runtime or the
// testing package keeps for itself, or that the C library does.
func (j *judge) belongsToNobody(g *sighting) bool {
	if g.child.PID != 0 {
		return false
	}
	if ofTesting(g.fd) {
		return true
	}
	j.mu.Lock()
	d := j.sys.Describe(g.fd, j.table)
	j.mu.Unlock()
	switch {
	case d.PooledPipe: // internal/poll/splice_linux.go
		return true
	case d.Kind == "pipe" && ofExample(int(g.fd.FD), d.PeerFD):
		return true
	case d.Path == "":
		return strings.Contains(d.Name, "/var/lib/sss/pipes/") // nss_sss keeps its connection
	default:
		return ofRuntime(d.Path)
	}
}

// ofRuntime reports whether the runtime keeps the file open to follow the
// processor limit of its cgroup: internal/runtime/cgroup, since Go 1.25.
func ofRuntime(name string) bool {
	if !strings.HasPrefix(name, "/sys/fs/cgroup/") {
		return false
	}
	switch path.Base(name) {
	case "cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us":
		return true
	}
	return false
}

// ofTesting reports whether the test binary's own flags name the file. It goes
// by the file's identity: some of them are closed by a finalizer, at any time.
func ofTesting(k fdtable.Key) bool {
	for _, f := range testingFiles {
		if own := outputFile(f); own != "" && (k.At(own) || k.At(filepath.Join(startDir, own))) {
			return true
		}
	}
	return false
}

// startDir is where relative paths in flags lead from, unless TestMain changed
// the directory before it ran the tests.
var startDir string

// outputFile returns where package testing puts the file that a flag names, ""
// if the flag is not set. It follows toOutputDir in testing/testing.go.
func outputFile(name string) string {
	file := flagValue(name)
	dir := flagValue("test.outputdir")
	if file == "" || dir == "" || filepath.IsAbs(file) || name == "test.testlogfile" {
		return file
	}
	return filepath.Join(dir, file)
}

func flagValue(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// ofExample reports whether the two ends of a pipe are the one that package
// testing puts in place of standard output while it runs an example:
// runExample in testing/run_example.go.
func ofExample(fd, peer int) bool {
	if !onStack(func(function string) bool { return function == "testing.runExample" }) {
		return false
	}
	conn, err := os.Stdout.SyscallConn()
	if err != nil {
		return false
	}
	own := false
	err = conn.Control(func(stdout uintptr) { own = fd == int(stdout) || peer == int(stdout) })
	return err == nil && own
}
