//go:build leakcheck_attached

package leakcheck

import "github.com/go-leakcheck/leakcheck/internal/goroutine"

// The standard library cannot import goleak. Without it every goroutine is
// judged here, as it also is where goleak cannot read what the runtime prints.

type goleakOption struct{}

func goleakIgnoreCurrent() goleakOption { return goleakOption{} }

func goleakIgnoreProfileWriter() goleakOption { return goleakOption{} }

func goleakFind([]goleakOption) []goroutine.Goroutine { return goroutine.Dump()[1:] }
