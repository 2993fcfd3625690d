package resources_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openForExit opens what a child leaves open.
func openForExit() { keptForExit = append(keptForExit, resources.OpenStandin("left.txt")) }

// keptForExit is reachable to the end.
var keptForExit []*resources.Standin

// badWriter fails as it is told.
type badWriter struct{ write func() (int, error) }

func (b badWriter) Write([]byte) (int, error) { return b.write() }

func init() {
	children["return"] = func() {
		defer resources.ReportAtExit(os.Stderr)()
		openForExit()
	}
	children["clean"] = func() {
		defer resources.ReportAtExit(os.Stderr)()
		s := resources.OpenStandin("closed.txt")
		_ = s.Close()
	}
	children["exit"] = func() {
		defer resources.ReportAtExit(os.Stderr)()
		openForExit()
		resources.Exit(3)
	}
	children["exit unregistered"] = func() {
		openForExit()
		resources.Exit(3)
	}
	children["panic"] = func() {
		defer resources.ReportAtExit(os.Stderr)()
		openForExit()
		panic("ouch")
	}
	children["full disk"] = func() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		defer resources.ReportAtExit(full)()
		openForExit()
		resources.Exit(4)
	}
	children["panicking writer"] = func() {
		defer resources.ReportAtExit(badWriter{func() (int, error) { panic("bad writer") }})()
		openForExit()
		resources.Exit(4)
	}
	children["nil writer"] = func() {
		defer resources.ReportAtExit(nil)()
		openForExit()
	}
}

const leftOpen = "leakcheck: the tracker holds 1: 1 thing (oldest "

func TestReportAtExitOfAProcess(t *testing.T) {
	for name, want := range map[string]struct {
		code int
		has  []string
		not  string
	}{
		"return":            {0, []string{leftOpen, "left.txt", "resources_test.openForExit"}, ""},
		"clean":             {0, nil, "leakcheck"},
		"exit":              {3, []string{leftOpen, "left.txt"}, ""},
		"exit unregistered": {3, nil, "leakcheck"},
		"panic":             {2, []string{leftOpen, "left.txt", "panic: ouch"}, ""},
		"full disk":         {4, []string{"resources: writing the report at exit: write /dev/full: no space left on device\n"}, leftOpen},
		"panicking writer":  {4, []string{"resources: writing the report at exit: the writer panicked: bad writer\n"}, leftOpen},
		"nil writer":        {0, []string{"resources: writing the report at exit: no writer was passed to ReportAtExit; pass os.Stderr\n"}, leftOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "full disk" {
				if _, err := os.Stat("/dev/full"); err != nil {
					t.Skip("there is no /dev/full: ", err)
				}
			}
			got := runChild(t, name)
			assert.Equal(t, want.code, got.state.ExitCode(), got.stderr)
			for _, text := range want.has {
				assert.Equal(t, 1, strings.Count(got.stderr, text), "%q once in\n%s", text, got.stderr)
			}
			if want.not != "" {
				assert.NotContains(t, got.stderr, want.not)
			}
			assert.LessOrEqual(t, strings.Count(got.stderr, leftOpen), 1, "written once")
		})
	}
}

func TestReportAtExitOf(t *testing.T) {
	tr, in := ownTracker()
	var b strings.Builder
	report := resources.ReportAtExitOf(tr, &b)
	s := resources.OpenStandin("one", in)
	report()
	first := b.String()
	assert.True(t, strings.HasPrefix(first, leftOpen), first)
	assert.Contains(t, first, "resources_test.TestReportAtExitOf ")
	report()
	assert.Equal(t, first, b.String(), "written once")
	require.NoError(t, s.Close())
}

func TestReportAtExitOfNothing(t *testing.T) {
	tr, in := ownTracker()
	report := resources.ReportAtExitOf(tr, badWriter{func() (int, error) {
		t.Error("written")
		return 0, errors.New("written")
	}}, os.Interrupt)
	require.NoError(t, resources.OpenStandin("one", in).Close())
	report()
}

func TestReportAtExitGivesUp(t *testing.T) {
	tr, in := ownTracker()
	s := resources.OpenStandin("one", in)
	defer s.Close()
	hold, entered := make(chan struct{}), make(chan struct{})
	report := resources.ReportAtExitOf(tr, badWriter{func() (int, error) {
		close(entered)
		<-hold
		return 0, nil
	}})
	said := stderrOf(t, func() {
		defer resources.SetExitPatience(time.Millisecond)()
		report()
	})
	<-entered
	assert.Equal(t, "resources: writing the report at exit: gave up after 1ms; pass a writer that does not block\n", said)
	close(hold)
}
