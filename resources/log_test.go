package resources_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logRecorder is a handler that remembers.
type logRecorder struct {
	level   slog.Level
	mu      sync.Mutex
	records []slog.Record
}

func (r *logRecorder) Enabled(_ context.Context, l slog.Level) bool { return l >= r.level }
func (r *logRecorder) WithAttrs([]slog.Attr) slog.Handler           { return r }
func (r *logRecorder) WithGroup(string) slog.Handler                { return r }

func (r *logRecorder) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, rec)
	return nil
}

// logLine is a record that tests can compare.
type logLine struct {
	level   slog.Level
	message string
	attrs   map[string]slog.Value
}

// about returns the records with a message about the resource with a name.
func (r *logRecorder) about(name string) []logLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []logLine
	for _, rec := range r.records {
		l := logLine{rec.Level, rec.Message, make(map[string]slog.Value)}
		rec.Attrs(func(a slog.Attr) bool { l.attrs[a.Key] = a.Value; return true })
		if l.attrs["name"].String() == name {
			out = append(out, l)
		}
	}
	return out
}

func logMessages(all []logLine) []string {
	out := []string{}
	for _, l := range all {
		out = append(out, strings.TrimPrefix(l.message, "resources: "))
	}
	return out
}

func logTo(t *testing.T, level slog.Level) *logRecorder {
	t.Helper()
	r := &logRecorder{level: level}
	resources.SetLogger(slog.New(r))
	t.Cleanup(func() { resources.SetLogger(nil) })
	return r
}

func ownTracker() (*leakcheck.Tracker, resources.Option) {
	tr := leakcheck.NewTracker()
	return tr, resources.WithTracker(tr)
}

func TestLogOpenedAndClosed(t *testing.T) {
	r := logTo(t, slog.LevelDebug)
	_, in := ownTracker()
	s := resources.OpenStandin("one", in)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())

	got := r.about("one")
	require.Equal(t, []string{"opened", "closed"}, logMessages(got), "closing twice is logged once")
	for _, l := range got {
		assert.Equal(t, slog.LevelDebug, l.level)
		assert.Equal(t, "thing", l.attrs["kind"].String())
		assert.Contains(t, l.attrs["opened_by"].String(), "TestLogOpenedAndClosed ")
		assert.Contains(t, l.attrs["opened_by"].String(), "log_test.go:")
	}
	assert.Positive(t, got[1].attrs["duration"].Duration())
}

func TestLogCloseFailed(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	tr, in := ownTracker()
	s := resources.OpenStandin("one", in)
	broken := errors.New("broken")
	s.FailOnClose(broken)
	require.ErrorIs(t, s.Close(), broken)

	got := r.about("one")
	require.Equal(t, []string{"close failed"}, logMessages(got), "opened is below the level")
	assert.Equal(t, slog.LevelWarn, got[0].level)
	assert.Equal(t, broken, got[0].attrs["error"].Any())
	assert.Contains(t, got[0].attrs, "duration")
	assert.Zero(t, tr.Len())
}

func TestLogLostLeavesTheHookToTheProgram(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	tr, in := ownTracker()
	hooked := make(chan leakcheck.Info, 1)
	tr.OnLost(func(i leakcheck.Info) { hooked <- i })
	dropStandin(in)
	collectUntil(t, func() bool { return len(r.about("dropped")) > 0 }, "a record of what was lost")

	got := r.about("dropped")
	require.Equal(t, []string{"lost"}, logMessages(got))
	assert.Equal(t, slog.LevelWarn, got[0].level)
	assert.Equal(t, "thing", got[0].attrs["kind"].String())
	assert.Positive(t, got[0].attrs["age"].Duration())
	assert.Contains(t, got[0].attrs["opened_by"].String(), "dropStandin ")
	collectUntil(t, func() bool { return len(hooked) == 1 }, "the hook of the program")
	assert.Equal(t, "dropped", (<-hooked).Name)
	assert.Zero(t, tr.Len())
}

//go:noinline
func dropStandin(opts ...resources.Option) { resources.OpenStandin("dropped", opts...) }

func TestLogLostOnlyWhatNeedsClosing(t *testing.T) {
	r := logTo(t, slog.LevelWarn)
	tr, in := ownTracker()
	func() {
		resources.OpenLoose("loose", in)
		_ = resources.OpenStandin("closed", in).Close()
	}()
	dropStandin(in)
	collectUntil(t, func() bool { return tr.Len() == 0 && len(r.about("dropped")) > 0 }, "all gone")
	assert.Empty(t, r.about("loose"))
	assert.Empty(t, r.about("closed"))
}

func TestLogLostDoesNotHoldUpCleanups(t *testing.T) {
	entered, hold := make(chan struct{}, 10), make(chan struct{})
	h := &hostileHandler{enabled: func() {}, handle: func() { entered <- struct{}{}; <-hold }}
	tr, in := ownTracker()
	resources.SetLogger(slog.New(&loudOnly{h}))
	defer resources.SetLogger(nil)
	dropStandin(in)
	collectUntil(t, func() bool { return len(entered) == 1 }, "a handler that blocks")
	dropStandin(in)
	collectUntil(t, func() bool { return tr.Len() == 0 }, "the cleanup of the tracker")
	assert.Len(t, entered, 1, "the second waits for the first")
	close(hold)
	collectUntil(t, func() bool { return len(h.about("dropped")) == 2 }, "both records")
}

// loudOnly leaves out what is below Warn.
type loudOnly struct{ *hostileHandler }

func (*loudOnly) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func TestLogPanic(t *testing.T) {
	r := logTo(t, slog.LevelError)
	tr, in := ownTracker()
	assert.PanicsWithValue(t, "ouch", func() {
		_ = resources.With(
			func() (*resources.Standin, error) { return resources.OpenStandin("used", in), nil },
			func(s *resources.Standin) error { s.FailOnClose(errClose); panic("ouch") })
	})
	got := r.about("used")
	require.Equal(t, []string{"panic passed through"}, logMessages(got))
	assert.Equal(t, slog.LevelError, got[0].level)
	assert.Equal(t, "*resources.Standin", got[0].attrs["kind"].String())
	assert.Equal(t, errClose.Error(), got[0].attrs["error"].String())
	assert.Zero(t, tr.Len())
}

func TestLogOffAndNotTracked(t *testing.T) {
	r := logTo(t, slog.LevelDebug)
	tr, in := ownTracker()
	resources.SetTracking(false)
	require.NoError(t, resources.OpenStandin("off", in).Close())
	resources.SetTracking(true)
	assert.Empty(t, r.about("off"))

	resources.SetLogger(nil)
	s := resources.OpenStandin("unlogged", in)
	resources.SetLogger(slog.New(r))
	require.NoError(t, s.Close())
	assert.Empty(t, r.about("unlogged"), "logged is what is opened while there is a logger")
	assert.Zero(t, tr.Len())
}

// A hostileHandler is one that does as it is told.
type hostileHandler struct {
	logRecorder
	enabled, handle func()
}

func (h *hostileHandler) Enabled(context.Context, slog.Level) bool { h.enabled(); return true }

func (h *hostileHandler) Handle(ctx context.Context, r slog.Record) error {
	h.handle()
	return h.logRecorder.Handle(ctx, r)
}

func TestLogSurvivesAHandlerThatPanics(t *testing.T) {
	for name, h := range map[string]*hostileHandler{
		"enabled": {enabled: func() { panic("bad handler") }, handle: func() {}},
		"handle":  {enabled: func() {}, handle: func() { panic("bad handler") }},
	} {
		t.Run(name, func(t *testing.T) {
			said := stderrOf(t, func() {
				resources.SetLogger(slog.New(h))
				defer resources.SetLogger(nil)
				tr, in := ownTracker()
				for range 3 {
					s := resources.OpenStandin("one", in)
					assert.Equal(t, 1, tr.Len())
					assert.NoError(t, s.Close())
				}
				assert.Zero(t, tr.Len())
			})
			assert.Equal(t, "resources: logging: the handler given to SetLogger panicked: bad handler\n", said)
		})
	}
}

func TestLogDoesNotFollowAHandlerThatOpens(t *testing.T) {
	tr, in := ownTracker()
	h := &hostileHandler{enabled: func() {}}
	h.handle = func() { _ = resources.OpenStandin("inner", in).Close() }
	resources.SetLogger(slog.New(h))
	defer resources.SetLogger(nil)
	require.NoError(t, resources.OpenStandin("outer", in).Close())
	assert.Equal(t, []string{"opened", "closed"}, logMessages(h.about("outer")))
	assert.Empty(t, h.about("inner"))
	assert.Zero(t, tr.Len())
}

func TestLogOffDoesNotAllocate(t *testing.T) {
	tr, in := ownTracker()
	tr.SetStackDepth(0)
	opts := []resources.Option{in}
	measure := func() float64 {
		return testing.AllocsPerRun(200, func() { _ = resources.OpenStandin("one", opts...).Close() })
	}
	off := measure()
	logTo(t, slog.LevelError)
	assert.Equal(t, off, measure(), "nothing is keptForExit for levels that are disabled")
	logTo(t, slog.LevelWarn)
	assert.Greater(t, measure(), off)
}

// stderrOf returns what f writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	old := os.Stderr
	os.Stderr = w
	func() {
		defer func() { os.Stderr = old; _ = w.Close() }()
		f()
	}()
	var b bytes.Buffer
	_, err = io.Copy(&b, r)
	require.NoError(t, err)
	return b.String()
}
