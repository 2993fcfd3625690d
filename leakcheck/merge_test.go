package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGoroutinesOfAnHTTPConnectionAreMergedIntoIt(t *testing.T) {
	connection := Leak{Kind: "tcp", FD: 7, Detail: "x", via: "net/http.(*Transport).dialConn"}
	reads := Leak{Kind: "goroutine", FD: -1, Name: "net/http.(*persistConn).readLoop", Detail: "IO wait",
		Stack: []Frame{{Function: "net/http.(*persistConn).readLoop"}}}
	writes := Leak{Kind: "goroutine", FD: -1, Name: "net/http.(*persistConn).writeLoop", Detail: "select"}
	other := Leak{Kind: "goroutine", FD: -1, Name: "main.work"}

	got := mergeConnections([]Leak{reads, connection, writes, other})
	if assert.Len(t, got, 2) {
		assert.Equal(t, "x, with its 2 goroutines", got[0].Detail)
		assert.Contains(t, got[0].Fix, "CloseIdleConnections", "its goroutine tells what it waits for")
		assert.Equal(t, other, got[1])
	}
	assert.Len(t, mergeConnections([]Leak{reads, writes, reads, writes, connection}), 5, "two pairs are not one connection's")
	assert.Len(t, mergeConnections([]Leak{reads, writes}), 2, "without the connection they are all there is to see")
	plain := connection
	plain.via = ""
	assert.Len(t, mergeConnections([]Leak{reads, writes, plain}), 3)
}
