package resources

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// ReportAtExit has w told, when the program ends, what is open in the default
// tracker then. It returns the function that does so, to be deferred as the
// first thing in main:
//
//	defer resources.ReportAtExit(os.Stderr, syscall.SIGTERM)()
//
// However early it is called, it reads the table when the program ends. With
// nothing open it writes nothing. It is written once, and a panic goes on after
// it. Where the program ends by [os.Exit], which runs no deferred calls, use
// [Exit]; a panic of another goroutine, or what ends a program without its
// doing, leaves no report.
//
// fatal are signals that end the program and that it does not handle itself: on
// one of them the report is written, then the signal's default action is
// restored and it is raised again, so that the program ends as it would have. A
// second one meanwhile ends it at once. One that is ignored when ReportAtExit
// is called, as nohup makes SIGHUP, stays so. Beyond Unix the program exits
// instead, with the status that the system gives for an interrupt.
//
// If the report cannot be written, because w fails, panics or takes more than
// five seconds, standard error says so, and the program ends as it would have.
func ReportAtExit(w io.Writer, fatal ...os.Signal) (report func()) {
	return ReportAtExitOf(leakcheck.DefaultTracker(), w, fatal...)
}

// ReportAtExitOf is [ReportAtExit] for what is open in t; a nil t is the
// default tracker.
func ReportAtExitOf(t *leakcheck.Tracker, w io.Writer, fatal ...os.Signal) (report func()) {
	r := &exitReport{tracker: orDefault(t), w: w}
	if w == nil {
		complain("no writer was passed to ReportAtExit; pass os.Stderr")
		return func() {}
	}
	exitReports.add(r)
	r.await(fatal)
	return r.finish
}

// Exit writes the reports that [ReportAtExit] has registered and ends the
// program with code, as [os.Exit] does.
func Exit(code int) {
	exitReports.write()
	os.Exit(code)
}

// exitPatience is how long the end of the program waits for a report.
var exitPatience = 5 * time.Second

type exitReport struct {
	tracker *leakcheck.Tracker
	w       io.Writer
	written sync.Once
	forget  sync.Once
	signals chan os.Signal // nil without fatal signals
	ended   chan struct{}
}

// exitReports are those still to be written.
var exitReports reportList

type reportList struct {
	mu      sync.Mutex
	reports []*exitReport
}

func (l *reportList) add(r *exitReport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports = append(l.reports, r)
}

func (l *reportList) remove(r *exitReport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports = slices.DeleteFunc(l.reports, func(x *exitReport) bool { return x == r })
}

// write writes all of them, the latest first as deferred calls do.
func (l *reportList) write() {
	l.mu.Lock()
	reports := slices.Clone(l.reports)
	l.mu.Unlock()
	for _, r := range slices.Backward(reports) {
		r.write()
	}
}

// finish is what the program defers.
func (r *exitReport) finish() {
	r.write()
	r.forget.Do(func() {
		exitReports.remove(r)
		if r.signals != nil {
			signal.Stop(r.signals)
			close(r.ended)
		}
	})
}

// write writes the report, once. Whoever comes second waits for the first.
func (r *exitReport) write() {
	r.written.Do(func() {
		if within(exitPatience, r.try) {
			return
		}
		// Standard error may be what blocks.
		within(time.Second, func() {
			complain(fmt.Sprintf("gave up after %v; pass a writer that does not block", exitPatience))
		})
	})
}

// within reports whether f returned in time. It goes on otherwise.
func within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-done:
		return true
	case <-late.C:
		return false
	}
}

func (r *exitReport) try() {
	defer func() {
		if v := recover(); v != nil {
			complain(fmt.Sprintf("the writer panicked: %v", v))
		}
	}()
	if r.tracker.Len() == 0 {
		return
	}
	if _, err := io.WriteString(r.w, r.tracker.Report().String()); err != nil {
		complain(err.Error())
	}
}

// complain says on standard error why there is no report.
func complain(why string) {
	fmt.Fprintf(os.Stderr, "resources: writing the report at exit: %s\n", why)
}

// await has the report written on the fatal signals that are not ignored.
func (r *exitReport) await(fatal []os.Signal) {
	fatal = slices.DeleteFunc(slices.Clone(fatal), func(s os.Signal) bool { return s == nil || signal.Ignored(s) })
	if len(fatal) == 0 {
		return // none would mean all to Notify
	}
	r.signals, r.ended = make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(r.signals, fatal...)
	go func() {
		select {
		case s := <-r.signals:
			signal.Reset(fatal...) // the next one may be another
			exitReports.write()
			raise(s)
		case <-r.ended:
		}
	}()
}

// orDefault returns t, or the default tracker for nil.
func orDefault(t *leakcheck.Tracker) *leakcheck.Tracker {
	if t == nil {
		return leakcheck.DefaultTracker()
	}
	return t
}
