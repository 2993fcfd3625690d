//go:build !leakcheck_attached

package leakcheck

import (
	"regexp"
	"slices"
	"strconv"

	"go.uber.org/goleak"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/goroutine"
)

type goleakOption = goleak.Option

// Goroutines passes options on to goleak. What they ignore is not reported,
// neither where goleak judges (a bare [VerifyNone], the end of a package) nor
// where a goroutine is known by its label. To ask goleak takes about 0.4 s where
// there is a goroutine to ask about, and a verdict of [Check] or [Main] with
// these options asks twice.
func Goroutines(options ...goleak.Option) Option {
	return optionFunc(func(c *config) { c.goleak = append(c.goleak, options...) })
}

func goleakIgnoreCurrent() goleakOption { return goleak.IgnoreCurrent() }

// goleakIgnoreProfileWriter ignores the goroutine of -test.cpuprofile, which
// goleak does not know.
func goleakIgnoreProfileWriter() goleakOption {
	return goleak.IgnoreAnyFunction("runtime/pprof.profileWriter")
}

// goleakFind asks goleak for the goroutines it does not expect. Should goleak
// not be able to read what the runtime prints, nothing is lost: every
// goroutine is then judged here. In a synctest bubble it finds none: every
// goroutine that the bubble starts is its own, and synctest waits for those,
// while goleak would sleep for a clock that may never move.
func goleakFind(opts []goleak.Option) (found []goroutine.Goroutine) {
	if clock.Faked() {
		return nil
	}
	defer func() {
		if recover() != nil {
			found = goroutine.Dump()[1:]
		}
	}()
	err := goleak.Find(opts...)
	if err == nil {
		return nil
	}
	ids := goleakIDs(err.Error())
	return slices.DeleteFunc(goroutine.Dump(), func(g goroutine.Goroutine) bool { return !ids[g.ID] })
}

// goleakHeading begins what goleak's error says of each goroutine.
var goleakHeading = regexp.MustCompile(`(?m)Goroutine (\d+) in state .* on top of the stack:$`)

func goleakIDs(text string) map[int64]bool {
	ids := make(map[int64]bool)
	for _, m := range goleakHeading.FindAllStringSubmatch(text, -1) {
		if id, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			ids[id] = true
		}
	}
	return ids
}
