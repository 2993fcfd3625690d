package resources_test

import (
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable names what a child process of these tests does instead of
// testing.
const childVariable = "LEAKCHECK_RESOURCES_TEST_CHILD"

// children are the things a child can do.
var children = map[string]func(){}

// TestChild is the other side of runChild.
func TestChild(*testing.T) {
	if f := children[os.Getenv(childVariable)]; f != nil {
		f()
		os.Exit(0) // as main does, without the summary of the tests
	}
}

// A childResult is how a child ended.
type childResult struct {
	stdout, stderr string
	state          *os.ProcessState
}

// childCommand is a process that does what children has under a name.
func childCommand(t *testing.T, name string, env ...string) (cmd *exec.Cmd, stdout, stderr *strings.Builder) {
	t.Helper()
	require.Contains(t, children, name)
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+name,
		"GORACE=atexit_sleep_ms=0") // else each takes a second to end
	cmd.Env = append(cmd.Env, env...)
	stdout, stderr = new(strings.Builder), new(strings.Builder)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func runChild(t *testing.T, name string, env ...string) childResult {
	t.Helper()
	cmd, stdout, stderr := childCommand(t, name, env...)
	_ = cmd.Run() // how it ended is what the tests look at
	require.NotNil(t, cmd.ProcessState)
	return childResult{stdout.String(), stderr.String(), cmd.ProcessState}
}

func resetSwitch(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		require.NoError(t, resources.SetSampling(1))
		require.NoError(t, resources.SetStackDepth(32))
	})
}

func TestOffTracksNothing(t *testing.T) {
	resetSwitch(t)
	tr, in := ownTracker()
	before := resources.OpenStandin("before", in)
	resources.SetTracking(false)
	during := resources.OpenStandin("during", in)
	require.Len(t, tr.Live(), 1)
	assert.Equal(t, "before", tr.Live()[0].Name)
	require.NoError(t, before.Close())
	assert.Zero(t, tr.Len(), "what is tracked already stays so until it is closed")
	resources.SetTracking(true)
	require.NoError(t, during.Close())
	after := resources.OpenStandin("after", in)
	assert.Equal(t, 1, tr.Len())
	require.NoError(t, after.Close())
}

// Bounds of six standard deviations are passed once in 500 million runs.
func TestSamplingStatistics(t *testing.T) {
	resetSwitch(t)
	const draws = 100_000
	for _, rate := range []float64{0, 0.01, 0.5, 1} {
		require.NoError(t, resources.SetSampling(rate))
		n := 0
		for range draws {
			if resources.Tracks() {
				n++
			}
		}
		sigma := math.Sqrt(draws * rate * (1 - rate))
		assert.InDelta(t, draws*rate, n, 6*sigma, "at a rate of %v", rate)
	}
}

func TestSamplingTracksAPart(t *testing.T) {
	resetSwitch(t)
	tr, in := ownTracker()
	require.NoError(t, resources.SetSampling(0.25))
	var all []*resources.Standin
	for range 4000 {
		all = append(all, resources.OpenStandin("one", in))
	}
	assert.InDelta(t, 1000, tr.Len(), 6*math.Sqrt(4000*0.25*0.75))
	for _, s := range all {
		require.NoError(t, s.Close())
	}
	assert.Zero(t, tr.Len())
}

func TestSamplingOutlivesOff(t *testing.T) {
	resetSwitch(t)
	require.NoError(t, resources.SetSampling(0))
	resources.SetTracking(true)
	assert.False(t, resources.Tracks())
}

func TestSamplingRefusesWhatIsNoRate(t *testing.T) {
	resetSwitch(t)
	require.NoError(t, resources.SetSampling(0))
	for _, rate := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		err := resources.SetSampling(rate)
		assert.ErrorContains(t, err, "resources: setting the sampling rate")
		assert.False(t, resources.Tracks(), "nothing changed")
	}
}

func TestStackDepth(t *testing.T) {
	resetSwitch(t)
	require.ErrorContains(t, resources.SetStackDepth(-1), "resources: setting the stack depth")
	stackOf := func(name string) leakcheck.Stack {
		s := resources.OpenStandin(name)
		defer s.Close()
		for _, info := range leakcheck.DefaultTracker().Live() {
			if info.Name == name {
				return info.Stack
			}
		}
		t.Fatal("not tracked: ", name)
		return leakcheck.Stack{}
	}
	assert.Contains(t, strings.Split(stackOf("deep").String(), "\n")[0], "switch_test.go:")
	require.NoError(t, resources.SetStackDepth(0))
	assert.True(t, stackOf("shallow").IsZero())
}

func TestConfigure(t *testing.T) {
	for settings, want := range map[string]string{
		"":               "",
		"on":             "",
		"sample=0.5":     "",
		"stack=16":       "",
		" on , stack=8 ": "",
		"of":             `unknown word "of"`,
		"OFF":            `unknown word "OFF"`,
		"sample":         "sample: a number from 0 to 1 is wanted",
		"sample=much":    "sample=much: a number from 0 to 1 is wanted",
		"sample=2":       "setting the sampling rate to 2",
		"sample=NaN":     "setting the sampling rate to NaN",
		"stack=-1":       "stack=-1: a number of calls is wanted",
		"stack=deep":     "stack=deep: a number of calls is wanted",
	} {
		t.Run(settings, func(t *testing.T) {
			resetSwitch(t)
			errs := resources.Configure(settings)
			if want == "" {
				assert.Empty(t, errs)
				return
			}
			require.Len(t, errs, 1)
			assert.ErrorContains(t, errs[0], want)
		})
	}
}

func init() {
	children["count"] = func() {
		tr, in := ownTracker()
		s := resources.OpenStandin("one", in)
		defer s.Close()
		_, _ = os.Stdout.WriteString(strings.Repeat("tracked", tr.Len()))
	}
}

func TestEnvironment(t *testing.T) {
	for settings, want := range map[string]struct{ stdout, stderr string }{
		"":              {"tracked", ""},
		"off":           {"", ""},
		"on":            {"tracked", ""},
		"sample=0":      {"", ""},
		"off,loud":      {"", `leakcheck: LEAKCHECK_RESOURCES: unknown word "loud": it takes on, off, sample=RATE and stack=CALLS, separated by commas` + "\n"},
		"sample=3,off,": {"", "leakcheck: LEAKCHECK_RESOURCES: resources: setting the sampling rate to 3: it is a part of all resources, from 0 to 1\n"},
	} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			got := runChild(t, "count", resources.Variable+"="+settings)
			assert.Equal(t, want.stdout, got.stdout)
			assert.Equal(t, want.stderr, got.stderr)
			assert.Zero(t, got.state.ExitCode())
		})
	}
}

func TestSamplingDoesNotSwitchTrackingOn(t *testing.T) {
	tr, in := ownTracker()
	defer func() {
		resources.SetTracking(true)
		require.NoError(t, resources.SetSampling(1))
	}()
	assert.Empty(t, resources.Configure("off,sample=0.5"))
	require.NoError(t, resources.SetSampling(1))
	s := resources.OpenStandin("s", in)
	assert.Zero(t, tr.Len(), "who switches it off in the environment means it")
	require.NoError(t, s.Close())
	resources.SetTracking(true)
	s = resources.OpenStandin("s", in)
	assert.Equal(t, 1, tr.Len())
	require.NoError(t, s.Close())
}
