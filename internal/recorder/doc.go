// Package recorder remembers who opened what: for every descriptor, file
// mapping and child process of the program the goroutine's owner, the moment
// and the stack.
//
// It is not linked into anything as it stands. Package instrument puts a copy
// of it into the standard library's internal/testlog, which package syscall
// and the packages above it may import; there the patched functions of the
// standard library report to it. It therefore imports only what testlog may,
// and none of its names is one of testlog's.
package recorder
