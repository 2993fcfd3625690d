// Package suite has ten tests of the ordinary kind: they write and read files,
// talk over sockets, start goroutines and a command, compute, and clean up
// after themselves. With the build tag leakcheck every one of them is judged.
package suite
