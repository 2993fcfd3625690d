package main

import (
	"errors"
	"testing"
)

func TestUnmeasured(t *testing.T) {
	for text, want := range map[string]string{
		"downloading m@v1: no network":                                        "not measured: downloading m@v1: no network",
		"building: exit status 1\ngo: m@v1: no network\ngo: n@v1: no network": "not measured: building: exit status 1: go: m@v1: no network",
		"tests: exit status 1\n--- FAIL: TestA (2.00s)\n    main.go:1: leakcheck: TestA leaked 1: 1 file (oldest 2.00s)\nFAIL": "not measured: TestA leaked 1: 1 file (oldest 2.00s)",
	} {
		if got := unmeasured(errors.New(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestRunsByRound(t *testing.T) {
	runs := testRuns{{wall: 3, cpu: 1}, {wall: 5, cpu: 2}, {wall: 4, cpu: 7}}
	if got := runs.wall().median(); got != 4 {
		t.Errorf("wall time: %v", got)
	}
	if got := runs.cpu().median(); got != 2 {
		t.Errorf("processor time: %v", got)
	}
}
