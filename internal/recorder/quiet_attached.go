//go:build leakcheck_attached

package recorder

import "internal/race"

// ignoreSync hides from the race detector that goroutines synchronise here:
// those that do nothing but open files at the same time would otherwise count
// as ordered, and races between them would go unseen. Until heedSync, what is
// written to shared memory must be written in functions that the detector does
// not see, marked go:norace, without append, copy or maps.
func ignoreSync() { race.Disable() }

func heedSync() { race.Enable() }
