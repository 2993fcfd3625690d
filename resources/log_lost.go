package resources

import (
	"log/slog"

	"github.com/go-leakcheck/leakcheck/internal/backlog"
)

// losses are those that wait for the logger.
var losses backlog.Backlog[facts]

// noteLoss is the cleanup of an event.
func noteLoss(f facts) {
	if sink.Load() != nil {
		losses.Add(f, logLoss)
	}
}

func logLoss(f facts) {
	if s := sink.Load(); s != nil {
		s.log(slog.LevelWarn, "lost", f.attrs, slog.Duration("age", f.age()))
	}
}
