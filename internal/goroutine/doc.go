// Package goroutine reads what the runtime tells about goroutines: the dump
// of all stacks, and the goroutine profile, which also shows labels.
//
// The dump knows each goroutine's state and how long it has been blocked, the
// profile knows whose it is; [Goroutine.Matches] brings them together. Nothing
// here starts a goroutine, holds a lock or waits on a channel, so all of it
// may be called in a testing/synctest bubble.
package goroutine

import "time"

// A Frame is one function call on a stack.
type Frame struct {
	// Function is the full name, "net/http.(*persistConn).readLoop", type
	// arguments shortened to "[...]" as the runtime prints them.
	Function string
	File     string // empty if not known
	Line     int    // 0 if not known
}

// A Goroutine is one goroutine of a dump. What could not be read is zero.
type Goroutine struct {
	ID int64
	// State is what the header says between the brackets, "chan receive",
	// "IO wait", "select (no cases)", without what the fields below tell.
	State string
	// Wait is how long it has been blocked, in whole minutes; zero below one.
	// The runtime counts from the first collection that found it blocked.
	Wait   time.Duration
	Locked bool // to its thread
	Bubble bool // in a testing/synctest bubble
	// Label is the value of label.Key. A dump shows labels only under
	// GODEBUG=tracebacklabels=1.
	Label  string
	Frames []Frame // innermost first
	// Elided says that the runtime left out the middle of a deep stack.
	Elided bool
	// CreatedBy is where the go statement is, Parent the goroutine that ran
	// it; zero for the main goroutine, and Parent also where the runtime did
	// not say.
	CreatedBy Frame
	Parent    int64
	// Raw is the text of the runtime, without the line feeds at its end.
	Raw string

	inner, elided int // frames before the part left out, and in it
}
