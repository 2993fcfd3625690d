package resources

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// SetLogger has the life of every resource that is opened from now on logged,
// until another logger is set; nil, as at first, logs nothing and costs one
// atomic load. What is logged, with the attributes kind, name and opened_by
// ("function file:line"):
//
//	opened                Debug
//	closed                Debug  duration
//	close failed          Warn   duration, error
//	lost                  Warn   age: collected without having been closed
//	panic passed through  Error  error: left a body that used a resource, see With
//
// Only what is tracked is logged, whichever tracker it is in. No attribute is
// made up for a level that the logger has disabled.
//
// The handler runs within the call that opens or closes, so one that blocks
// delays the program as it does wherever the program logs. One that panics is
// left alone: standard error says so once. What the handler itself opens
// through this package while it handles a record, on the same goroutine, is
// tracked but not logged.
func SetLogger(logger *slog.Logger) {
	if logger == nil {
		sink.Store(nil)
		return
	}
	sink.Store(&logSink{logger: logger})
}

// sink is nil while nothing is logged.
var sink atomic.Pointer[logSink]

type logSink struct {
	logger *slog.Logger
	broken sync.Once // said that the handler panics
}

// An event is what is logged of one resource. It is reachable from the
// resource only, so its collection is that of the resource: that leaves the
// OnLost hook of the tracker to the program, and serves every tracker.
type event struct {
	facts   facts
	cleanup runtime.Cleanup // the zero one for what need not be closed
}

type facts struct {
	kind, name string
	opened     int64
	trace      *stack.Trace
}

// logDepth is how many calls are searched for the one that opened a resource.
const logDepth = 32

// logOpened logs that the resource that ptr stands for was opened, and returns
// what its end is logged by, nil if nothing is.
func logOpened(ptr any, name, kind string) *event {
	s := sink.Load()
	if s == nil || !s.enabled(slog.LevelDebug) && !s.enabled(slog.LevelWarn) {
		return nil
	}
	e := &event{facts: facts{kind: kind, name: name, opened: clock.Now(), trace: stack.Capture(1, logDepth)}}
	if _, ok := ptr.(interface{ Close() error }); ok {
		e.cleanup = runtime.AddCleanup(e, noteLoss, e.facts)
	}
	s.log(slog.LevelDebug, "opened", e.facts.attrs)
	return e
}

// closed logs that a resource was closed, or could not be.
func (e *event) closed(err error) {
	if e == nil {
		return
	}
	e.cleanup.Stop()
	runtime.KeepAlive(e)
	s := sink.Load()
	if s == nil {
		return
	}
	took := slog.Duration("duration", e.facts.age())
	if err != nil {
		s.log(slog.LevelWarn, "close failed", e.facts.attrs, took, slog.Any("error", err))
		return
	}
	s.log(slog.LevelDebug, "closed", e.facts.attrs, took)
}

// logPanic logs that a panic left a body that used r, and what closing it
// returned. Its value is not known: who recovers it takes over the panic.
func logPanic(r any, closing error) {
	s := sink.Load()
	if s == nil {
		return
	}
	s.log(slog.LevelError, "panic passed through", func() []slog.Attr {
		f := facts{kind: fmt.Sprintf("%T", r)}
		if n, ok := r.(interface{ Name() string }); ok {
			f.name = n.Name()
		}
		attrs := f.attrs()
		if closing != nil {
			attrs = append(attrs, slog.Any("error", closing))
		}
		return attrs
	})
}

func (f facts) age() time.Duration { return time.Duration(clock.Now() - f.opened) }

func (f facts) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("kind", f.kind), slog.String("name", f.name)}
	if line := openedBy(f.trace); line != "" {
		attrs = append(attrs, slog.String("opened_by", line))
	}
	return attrs
}

// openers holds what openedBy found, by trace. Traces are kept for ever too.
var openers sync.Map

// openedBy returns the innermost call that a reader wants to see, "" if none
// was recorded.
func openedBy(t *stack.Trace) string {
	if known, ok := openers.Load(t); ok {
		return known.(string)
	}
	line := ""
	if frames := stack.FoldStd(t.Frames(), own); len(frames) > 0 {
		line = frames[0].Function + " " + frames[0].File + ":" + strconv.Itoa(frames[0].Line)
	}
	openers.Store(t, line)
	return line
}

// own reports whether a package is a part of this module that opens things for
// somebody else.
func own(pkg string) bool {
	const module = "github.com/go-leakcheck/leakcheck/"
	return pkg == module+"resources" || pkg == module+"leakcheck" || strings.HasPrefix(pkg, module+"internal/")
}

// enabled asks the logger, which may be anybody's code.
func (s *logSink) enabled(level slog.Level) (ok bool) {
	defer s.survive()
	return s.logger.Enabled(context.Background(), level)
}

// log logs what attrs returns, and more, if level is enabled.
func (s *logSink) log(level slog.Level, message string, attrs func() []slog.Attr, more ...slog.Attr) {
	if s.enabled(level) {
		s.emit(level, message, attrs, more)
	}
}

// emit is not inlined, so that nested finds it by its address.
//
//go:noinline
func (s *logSink) emit(level slog.Level, message string, attrs func() []slog.Attr, more []slog.Attr) {
	defer s.survive()
	if nested() {
		return
	}
	s.logger.LogAttrs(context.Background(), level, "resources: "+message, append(attrs(), more...)...)
}

// warn says something that is not about one resource, to the logger or else on
// standard error.
func warn(message string, keysAndValues ...string) {
	var attrs []slog.Attr
	text := message
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		attrs = append(attrs, slog.String(keysAndValues[i], keysAndValues[i+1]))
		text += fmt.Sprintf(", %s: %s", keysAndValues[i], keysAndValues[i+1])
	}
	if s := sink.Load(); s != nil {
		s.log(slog.LevelWarn, message, func() []slog.Attr { return attrs })
		return
	}
	fmt.Fprintf(os.Stderr, "resources: %s\n", text)
}

// survive keeps a panic of the logger from the program.
func (s *logSink) survive() {
	if v := recover(); v != nil {
		s.broken.Do(func() {
			fmt.Fprintf(os.Stderr, "resources: logging: the handler given to SetLogger panicked: %v\n", v)
		})
	}
}

// nestedDepth is how many calls there may be between two of emit for nested to
// see both.
const nestedDepth = 128

// nested reports whether the goroutine is in a handler already, which would
// have no end.
func nested() bool {
	var pcs [nestedDepth]uintptr
	n := runtime.Callers(2, pcs[:])
	if n == 0 {
		return false
	}
	emit := runtime.FuncForPC(pcs[0] - 1)
	for _, pc := range pcs[1:n] {
		if runtime.FuncForPC(pc-1) == emit {
			return true
		}
	}
	return false
}
