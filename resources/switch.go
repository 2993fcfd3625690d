package resources

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// Variable is the name of the environment variable that is read when the
// program starts: LEAKCHECK_RESOURCES=off, or on, or settings separated by
// commas: sample=0.01, stack=16 (calls recorded with each resource, 0 is none).
// An unknown word is reported on standard error, and the settings beside it
// hold.
const Variable = "LEAKCHECK_RESOURCES"

// share is the part of resources that is tracked, of 1<<32: 0 is off, all is
// all of them.
var share atomic.Uint64

const all = 1 << 32

// switches is what share is made of.
var switches = struct {
	sync.Mutex
	off     bool
	sampled uint64 // of 1<<32
}{sampled: all}

// turn changes the switches.
func turn(change func()) {
	switches.Lock()
	defer switches.Unlock()
	change()
	if switches.off {
		share.Store(0)
	} else {
		share.Store(switches.sampled)
	}
}

func init() {
	share.Store(all)
	for _, err := range configure(os.Getenv(Variable)) {
		fmt.Fprintf(os.Stderr, "leakcheck: %s: %v\n", Variable, err)
	}
}

// configure applies settings.
func configure(settings string) (errs []error) {
	for word := range strings.SplitSeq(settings, ",") {
		if err := set(strings.TrimSpace(word)); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func set(word string) error {
	key, value, _ := strings.Cut(word, "=")
	switch {
	case word == "":
		return nil
	case word == "on", word == "off":
		SetTracking(word == "on")
		return nil
	case key == "sample":
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("%s: a number from 0 to 1 is wanted, as in sample=0.01", word)
		}
		return SetSampling(rate)
	case key == "stack":
		depth, err := strconv.Atoi(value)
		if err != nil || depth < 0 {
			return fmt.Errorf("%s: a number of calls is wanted, as in stack=16", word)
		}
		return SetStackDepth(depth)
	}
	return fmt.Errorf("unknown word %q: it takes on, off, sample=RATE and stack=CALLS, separated by commas", word)
}

// SetTracking switches tracking on, as it is at first, or off. What is tracked
// already stays so until it is closed. Off costs a few nanoseconds for each
// resource.
func SetTracking(on bool) { turn(func() { switches.off = !on }) }

// SetSampling has a part of the resources tracked, from 0 for none to 1 for
// all, as it is at first. Which ones is drawn anew for each resource, so a line
// that leaks again and again is found at any rate. It does not switch tracking
// on. The error is not nil, and nothing changes, if rate is not between 0 and 1.
func SetSampling(rate float64) error {
	if !(rate >= 0 && rate <= 1) { // NaN is not
		return fmt.Errorf("resources: setting the sampling rate to %v: it is a part of all resources, from 0 to 1", rate)
	}
	n := uint64(math.Round(rate * all))
	if rate > 0 {
		n = max(n, 1)
	}
	turn(func() { switches.sampled = n })
	return nil
}

// SetStackDepth sets how many calls the default tracker records with a
// resource from now on, 0 for none: see [leakcheck.Tracker.SetStackDepth]. The
// error is not nil, and nothing changes, if it is negative.
func SetStackDepth(calls int) error {
	if calls < 0 {
		return errors.New("resources: setting the stack depth: a number of calls is 0 or more")
	}
	leakcheck.DefaultTracker().SetStackDepth(calls)
	return nil
}

// tracks decides about one resource.
func tracks() bool {
	s := share.Load()
	return s == all || s != 0 && drawn(s)
}

func drawn(share uint64) bool { return uint64(rand.Uint32()) < share }
