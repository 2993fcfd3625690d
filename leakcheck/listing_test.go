package leakcheck

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

var (
	open = Frame{"example.com/shop/export.(*Writer).open", "/src/shop/export/writer.go", 42}
	run  = Frame{"example.com/shop/export.Run", "/src/shop/export/run.go", 17}
	test = Frame{"example.com/shop/export.TestExport", "/src/shop/export/export_test.go", 33}
)

// mixed is a report with one leak of each shape.
func mixed() Report {
	return newReport("TestExport", []Leak{
		{Kind: "tcp", Name: "127.0.0.1:38532 -> 127.0.0.1:443 (established)", FD: 11, State: Lost, Owner: "TestExport",
			Age: 310 * time.Millisecond, AgeIsBound: true, Test: test},
		{Kind: "file", Name: "/tmp/TestExport1/report.csv", Path: "/tmp/TestExport1/report.csv", Detail: "write-only, 4096 bytes in",
			FD: 9, State: Held, Owner: "TestExport", Age: 1520 * time.Millisecond, Stack: []Frame{open, run, test}},
		{Kind: "goroutine", Name: "net/http.(*persistConn).readLoop", Detail: "IO wait", FD: -1, State: Held, Owner: "TestExport",
			Age: 300 * time.Millisecond, AgeIsBound: true,
			Stack:     []Frame{{"net/http.(*persistConn).readLoop", "/go/src/net/http/transport.go", 2325}},
			CreatedBy: Frame{"net/http.(*Transport).dialConn", "/go/src/net/http/transport.go", 1874}},
		{Kind: "lease", Name: "worker 3", FD: -1, State: Held, Owner: "TestExport/sub", Age: 4 * time.Millisecond, Stack: []Frame{run}},
		{Kind: "process", Name: "sleep 60", Detail: "pid 4711, running, pidfd is fd 12", FD: -1, State: Held,
			Suspects: []string{"TestExport", "TestImport"}, Age: 125 * time.Second},
	}, nil)
}

func TestListing(t *testing.T) { golden(t, "mixed.txt", mixed().String()) }

func TestListingGroupsEqualStacks(t *testing.T) {
	var leaks []Leak
	for i := range 12 {
		leaks = append(leaks,
			Leak{Kind: "file", Name: fmt.Sprintf("/tmp/%d", i), FD: 10 + i, State: Held, Age: time.Second - time.Duration(i)*time.Millisecond, Stack: []Frame{open, test}},
			Leak{Kind: "pipe", Name: "pipe:[1]", FD: 30 + i, State: Held, Age: time.Second})
	}
	golden(t, "grouped.txt", newReport("TestExport", leaks, nil).String())
}

func TestListingCountsWhatItDoesNotShow(t *testing.T) {
	var leaks []Leak
	for i := range 37 {
		kind := "file"
		if i%3 == 0 {
			kind = "tcp"
		}
		leaks = append(leaks, Leak{Kind: kind, Name: fmt.Sprintf("/tmp/%d", i), FD: i, State: Held, Age: time.Second})
	}
	golden(t, "many.txt", newReport("TestExport", leaks, []string{"descriptors were not checked: no /proc"}).String())
}

func TestListingOfNothing(t *testing.T) {
	assert.Equal(t, "leakcheck: TestExport leaked nothing\n", newReport("TestExport", nil, nil).String())
}

func TestListingKeepsTextThatCouldNotBeParsed(t *testing.T) {
	r := newReport("T", []Leak{{Kind: "goroutine", Name: "?", FD: -1, State: Held, Raw: "goroutine 5 [weird]:\nnonsense"}}, nil)
	assert.Contains(t, r.String(), "nonsense")
}

func TestReportCounts(t *testing.T) {
	r := mixed()
	assert.Equal(t, 5, r.Total)
	assert.Equal(t, map[string]int{"file": 1, "tcp": 1, "goroutine": 1, "lease": 1, "process": 1}, r.ByKind)
	assert.Equal(t, 125*time.Second, r.OldestAge)
	for i := range r.Leaks[1:] {
		assert.GreaterOrEqual(t, r.Leaks[i].Age, r.Leaks[i+1].Age, "oldest first")
	}
}

func TestReportEqualAgesKeepTheOrderOfOpening(t *testing.T) {
	r := newReport("T", []Leak{{Name: "b", seq: 2}, {Name: "a", seq: 1}}, nil)
	assert.Equal(t, "a", r.Leaks[0].Name)
}

func TestReportMarshalsToJSON(t *testing.T) {
	text, err := json.MarshalIndent(mixed(), "", "\t")
	require.NoError(t, err)
	golden(t, "mixed.json", string(text)+"\n")
	var back Report
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, mixed().ByKind, back.ByKind)
	assert.Len(t, back.Leaks, mixed().Total)
}

func TestFormatAge(t *testing.T) {
	for _, c := range []struct {
		age   time.Duration
		bound bool
		want  string
	}{
		{0, false, "0ms"},
		{400 * time.Microsecond, true, "<1ms"},
		{4 * time.Millisecond, false, "4ms"},
		{1520 * time.Millisecond, false, "1.52s"},
		{301 * time.Millisecond, true, "<0.31s"},
		{99 * time.Second, false, "99.00s"},
		{125 * time.Second, false, "2m05s"},
		{3*time.Hour + 12*time.Minute, false, "3h12m"},
	} {
		assert.Equal(t, c.want, formatAge(c.age, c.bound), "%v", c.age)
	}
}

func TestShortFunction(t *testing.T) {
	assert.Equal(t, "export.(*Writer).open", shortFunction(open))
	assert.Equal(t, "set.Of[example.com/a/b.T]", shortFunction(Frame{Function: "example.com/set.Of[example.com/a/b.T]"}))
	assert.Equal(t, "net/http.(*Server).Serve", shortFunction(Frame{Function: "net/http.(*Server).Serve"}))
	assert.Equal(t, "main", shortFunction(Frame{Function: "main"}))
}

func TestListingFoldsRecursion(t *testing.T) {
	stack := []Frame{open}
	for range 98 {
		stack = append(stack, run)
	}
	text := newReport("T", []Leak{{Kind: "lease", Name: "x", FD: -1, State: Held, Stack: append(stack, test)}}, nil).String()
	assert.Contains(t, text, "export/run.go:17 ×98\n")
	assert.Equal(t, 6, strings.Count(text, "\n"))
}
