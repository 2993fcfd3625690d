//go:build !gc || leakcheck_nolinkname

package clock

import "time"

var origin = time.Now()

// nanotime stands in for the runtime's clock. Inside a synctest bubble it
// shows the bubble's time, so ages are wrong there, and only there.
func nanotime() int64 { return int64(time.Since(origin)) }
