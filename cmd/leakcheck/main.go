// Leakcheck runs go test on any module, unmodified, and fails the tests that
// leave a file, a connection, a goroutine, a child process or a file mapping
// behind, with the line that opened it.
//
//	leakcheck test ./...
//
// See leakcheck help.
package main

import (
	"os"

	"github.com/go-leakcheck/leakcheck/internal/command"
)

func main() { os.Exit(command.Main(os.Args[1:])) }
