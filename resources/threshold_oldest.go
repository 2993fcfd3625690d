package resources

import (
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// An oldestGauge measures the age of the oldest resource. It walks the live
// table only when something in it can be about as old as the limit: whatever is
// opened later is younger.
type oldestGauge struct {
	live  func() []leakcheck.Info
	limit time.Duration
	due   int64 // nothing is nine tenths as old before
}

// measure returns seconds, 0 if nothing can be nine tenths as old as the limit.
func (g *oldestGauge) measure() (float64, error) {
	now := clock.Now()
	if now < g.due {
		return 0, nil
	}
	var oldest time.Duration
	for _, info := range g.live() {
		oldest = max(oldest, info.Age())
	}
	g.due = now + int64(overBelow*float64(g.limit)) - int64(oldest)
	return oldest.Seconds(), nil
}
