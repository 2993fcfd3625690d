// Package leaky leaves one of everything open. Each line that opens something
// which stays open says so: the kinds of what a listing must name it for.
package leaky

import (
	"net"
	"os"
)

// Kept is what something still refers to after a test.
var Kept []any

func keep(v ...any) { Kept = append(Kept, v...) }

// ReadHeader leaves its file open when the file is too short.
func ReadHeader(name string) ([]byte, error) {
	return readHeader(name)
}

func readHeader(name string) ([]byte, error) {
	f, err := os.Open(name) // leak: file
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 4)
	if _, err := f.Read(buf); err != nil {
		return nil, err
	}
	return buf, f.Close()
}

// Connect leaves the connection to a host that does not greet.
func Connect(addr string) error {
	c, err := net.Dial("tcp", addr) // leak: tcp
	if err != nil {
		return err
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		return err
	}
	return c.Close()
}

// Serve accepts one connection and forgets it.
func Serve(ln net.Listener, accepted chan<- struct{}) {
	c, err := ln.Accept() // leak: tcp
	if err != nil {
		return
	}
	keep(c)
	close(accepted)
}
