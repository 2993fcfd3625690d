// Package source carries the Go source of leakcheck, so that the installed
// command can build it into the standard library of the toolchain that tests a
// project, wherever that is and without a download. It is of no use to others.
package source // import "github.com/go-leakcheck/leakcheck"

import "embed"

// FS holds the source of package leakcheck and of the packages below internal
// that it is made of, tests included, by their paths in the module.
//
//go:embed leakcheck/*.go
//go:embed internal/backlog/*.go
//go:embed internal/clock/*.go internal/clock/*.s
//go:embed internal/fdtable/*.go
//go:embed internal/goroutine/*.go internal/goroutine/*.s
//go:embed internal/label/*.go internal/label/*.s
//go:embed internal/process/*.go
//go:embed internal/recorder/*.go internal/recorder/*.s
//go:embed internal/stack/*.go internal/stack/*.s
var FS embed.FS
