package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// places are the directories that differ from one machine and run to another.
type places struct{ work, goroot, root string }

// An age as a listing prints it.
const age = `(?:\d+ms|\d+\.\d\ds|\d+m\d\ds|\d+h\d\dm)`

var (
	agePattern    = regexp.MustCompile(`(?m)^( *)(<?)(` + age + `)(  \S)`)
	oldestPattern = regexp.MustCompile(`\(oldest ` + age + `\)`)
	fdsPattern    = regexp.MustCompile(`\bfds( \d+)+`)
	numberPattern = regexp.MustCompile(`\d+`)
)

// replacements are applied in order.
var replacements = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{oldestPattern, "(oldest AGE)"},
	{regexp.MustCompile(`\(\d+\.\d+s\)`), "(TIME)"},
	{regexp.MustCompile(`\t\d+\.\d+s\b`), "\tTIME"},
	{regexp.MustCompile(`\bfd \d+`), "fd N"},
	{regexp.MustCompile(`"fd": \d+`), `"fd": N`},
	{regexp.MustCompile(`"go": "go[^"]+"`), `"go": "VERSION"`},
	{regexp.MustCompile(`(age_ns": )\d+`), "${1}AGE"},
	{regexp.MustCompile(`\bdescriptor \d+`), "descriptor N"},
	{regexp.MustCompile(`\bpid \d+`), "pid N"},
	{regexp.MustCompile(`(\bpidfd +of) \d+`), "$1 N"},
	{regexp.MustCompile(`(127\.0\.0\.1|\[::1?\]):\d+`), "$1:PORT"},
	{regexp.MustCompile(`\bgoroutine \d+`), "goroutine N"},
	{regexp.MustCompile(`0x[0-9a-f]+`), "0xHEX"},
	{regexp.MustCompile(`(pipe|socket):\[\d+\]`), "$1:[N]"},
	// t.TempDir, os.MkdirTemp and os.CreateTemp, and the go command's own.
	{regexp.MustCompile(`\d{6,}/\d{3}\b`), "RANDOM"},
	{regexp.MustCompile(`\d{7,}`), "RANDOM"},
	{regexp.MustCompile(`(\$GOROOT/\S+\.go):\d+`), "$1:LINE"},
	{regexp.MustCompile(`(\bmain\.go):\d+: leakcheck`), "$1:LINE: leakcheck"}, // what go test prints as the place of a verdict under Main
}

// normalise writes a word in place of what varies from run to run. An age keeps
// its place in the column and the sign that says it is a bound.
func normalise(s string, p places) string {
	for _, dir := range []struct{ path, name string }{{p.work, "$WORK"}, {p.goroot, "$GOROOT"}, {p.root, "$ROOT"}} {
		if dir.path != "" {
			s = strings.ReplaceAll(s, dir.path, dir.name)
		}
	}
	s = agePattern.ReplaceAllStringFunc(s, func(line string) string {
		m := agePattern.FindStringSubmatch(line)
		return fmt.Sprintf("%*s%s", len(m[1])+len(m[2])+len(m[3]), m[2]+"AGE", m[4])
	})
	s = fdsPattern.ReplaceAllStringFunc(s, func(fds string) string {
		return numberPattern.ReplaceAllString(fds, "N")
	})
	for _, r := range replacements {
		s = r.pattern.ReplaceAllString(s, r.with)
	}
	return s
}

func TestNormalise(t *testing.T) {
	p := places{work: "/tmp/w", goroot: "/go", root: "/checkout"}
	for in, want := range map[string]string{
		"          <0.31s  tcp  x\n":               "            <AGE  tcp  x\n",
		"            1.52s  file\n":                "              AGE  file\n",
		"              4ms  file\n":                "              AGE  file\n",
		"            2m05s  file\n":                "              AGE  file\n",
		"leaked 1: 1 file (oldest 1.52s)":          "leaked 1: 1 file (oldest AGE)",
		"--- FAIL: TestA (0.10s)":                  "--- FAIL: TestA (TIME)",
		"FAIL\tsample\t0.123s\n":                   "FAIL\tsample\tTIME\n",
		"ok  \tsample\t0.123s\n":                   "ok  \tsample\tTIME\n",
		"ok  \tsample\t0.123s [no tests to run]\n": "ok  \tsample\tTIME [no tests to run]\n",
		"x ×3   fds 9 10 11, write-only":           "x ×3   fds N N N, write-only",
		"read end; write end is fd 9 of this":      "read end; write end is fd N of this",
		"127.0.0.1:38532 -> [::1]:443":             "127.0.0.1:PORT -> [::1]:PORT",
		"listening on [::]:8080":                   "listening on [::]:PORT",
		"/tmp/w/.tmp/TestA1234567890/001/x.csv":    "$WORK/.tmp/TestARANDOM/x.csv",
		"/tmp/w/.tmp/data8410293746":               "$WORK/.tmp/dataRANDOM",
		"goroutine 17 [chan receive]:":             "goroutine N [chan receive]:",
		"\t/go/src/testing/testing.go:1934 +0x1f4": "\t$GOROOT/src/testing/testing.go:LINE +0xHEX",
		"sleep 60   pid 4711, running":             "sleep 60   pid N, running",
		`"fd": 9, "age_ns": 4, "go": "go1.26.8"`:   `"fd": N, "age_ns": AGE, "go": "VERSION"`,
		"descriptor 6 was closed":                  "descriptor N was closed",
		"pidfd      of 4711 (running)":             "pidfd      of N (running)",
	} {
		if got := normalise(in, p); got != want {
			t.Errorf("normalise(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}
