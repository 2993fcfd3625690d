package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// A packageReports is what the verdicts about one package found.
type packageReports struct {
	Package string             `json:"package"`
	Reports []leakcheck.Report `json:"reports"`
}

// leaks calls f for every leak.
func (p packageReports) leaks(f func(leakcheck.Leak)) {
	for _, r := range p.Reports {
		for _, l := range r.Leaks {
			f(l)
		}
	}
}

// readReports reads what the tests left in the directory of a run, by package
// in alphabetical order. The error is about what it could not read.
func readReports(dir string) (all []packageReports, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	for _, file := range files {
		text, unread := os.ReadFile(file)
		if unread == nil {
			all, unread = addReports(all, text)
		}
		if unread != nil {
			err = fmt.Errorf("reading the reports of the tests: %s: %w", filepath.Base(file), unread)
		}
	}
	return all, err
}

// addReports adds the lines of one file. A last line without an end is what a
// process had written when it was killed, and is passed over.
func addReports(all []packageReports, text []byte) ([]packageReports, error) {
	var unread error
	for line := range bytes.Lines(text) {
		var one struct {
			Package string
			Report  leakcheck.Report
		}
		if err := json.Unmarshal(line, &one); err != nil {
			if bytes.HasSuffix(line, []byte("\n")) {
				unread = err
			}
			continue
		}
		all = add(all, one.Package, one.Report)
	}
	return all, unread
}

func add(all []packageReports, name string, r leakcheck.Report) []packageReports {
	i, found := slices.BinarySearchFunc(all, name, func(p packageReports, name string) int {
		return strings.Compare(p.Package, name)
	})
	if !found {
		all = slices.Insert(all, i, packageReports{Package: name})
	}
	all[i].Reports = append(all[i].Reports, r)
	return all
}

// A document is what the report file holds.
type document struct {
	Go       string           `json:"go"`
	ExitCode int              `json:"exit_code"`
	Packages []packageReports `json:"packages"`
	ByKind   map[string]int   `json:"by_kind"`
	Total    int              `json:"total"`
}

func newDocument(goVersion string, code int, all []packageReports) document {
	d := document{
		Go:       goVersion,
		ExitCode: code,
		Packages: append([]packageReports{}, all...), // never nil, so that JSON has a list
		ByKind:   make(map[string]int),
	}
	for _, p := range all {
		p.leaks(func(l leakcheck.Leak) {
			d.ByKind[l.Kind]++
			d.Total++
		})
	}
	return d
}
