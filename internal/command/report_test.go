package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

func TestReadReports(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("1.jsonl", `{"package":"example.com/b","report":{"subject":"TestB","total":1,"leaks":[{"kind":"file"}]}}
{"package":"example.com/a","report":{"subject":"TestA","total":1,"leaks":[{"kind":"tcp"}]}}
{"package":"example.com/a","report":{"subj`)
	write("2.jsonl", `{"package":"example.com/b","report":{"subject":"TestC","total":0,"leaks":[]}}`)
	write("3.jsonl", "")
	write("notes.txt", "not a report\n")

	all, err := readReports(dir)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "example.com/a", all[0].Package)
	assert.Equal(t, "TestA", all[0].Reports[0].Subject)
	assert.Equal(t, "example.com/b", all[1].Package)
	assert.Len(t, all[1].Reports, 2)
	assert.Equal(t, map[string]int{"file": 1, "tcp": 1}, newDocument("go1.26.8", 1, all).ByKind)

	write("0.jsonl", "{\n"+`{"package":"example.com/c","report":{"total":1}}`+"\n")
	all, err = readReports(dir)
	assert.EqualError(t, err, "reading the reports of the tests: 0.jsonl: unexpected end of JSON input")
	assert.Len(t, all, 3, "the rest is told all the same")
}

func TestReadReportsOfNoTest(t *testing.T) {
	all, err := readReports(t.TempDir())
	require.NoError(t, err)
	assert.Empty(t, all)
}

// A report comes to the command as JSON, and its listing is to be that of the
// tests.
func TestReportKeepsItsListing(t *testing.T) {
	r := leakcheck.Report{
		Subject:   "TestExport",
		Total:     3,
		ByKind:    map[string]int{"file": 2, "goroutine": 1},
		OldestAge: 1500 * time.Millisecond,
		Leaks: []leakcheck.Leak{
			{
				Kind: "file", Name: "/tmp/<a>.csv", Detail: "read-only", State: leakcheck.Held, Path: "/tmp/<a>.csv",
				FD: 9, Owner: "TestExport/sub", Age: 1500 * time.Millisecond, AgeIsBound: true, Fix: "close it",
				Test: leakcheck.Frame{Function: "example.com/app.TestExport", File: "/src/app/a_test.go", Line: 3},
			},
			{
				Kind: "file", Name: "/tmp/b.csv", State: leakcheck.Lost, FD: -1, Suspects: []string{"TestA", "TestB"},
				Age:   time.Second,
				Stack: []leakcheck.Frame{{Function: "example.com/app.open", File: "/src/app/a.go", Line: 7}},
			},
			{
				Kind: "goroutine", Name: "example.com/app.loop", Detail: "IO wait", State: leakcheck.Held, FD: -1,
				Stack:     []leakcheck.Frame{{Function: "example.com/app.loop", File: "/src/app/a.go", Line: 9}},
				CreatedBy: leakcheck.Frame{Function: "example.com/app.start", File: "/src/app/a.go", Line: 8},
			},
		},
		Notes: []string{"mappings were not checked"},
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var read leakcheck.Report
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, r.String(), read.String())
	assert.Equal(t, r, read)
}
