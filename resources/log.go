package resources

import "io"

// event is what is logged of one resource.
type event struct{}

func logOpened(name, kind string) *event { return nil }

func (e *event) closed(err error) {}

// logPanic says that a panic, or runtime.Goexit, passed through the scope of
// closer, and what closing it returned.
func logPanic(closer io.Closer, closing error) {}

// touched lets thresholds know that something was opened.
func touched() {}
