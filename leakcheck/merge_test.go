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

func TestTheOtherEndOfANamedConnectionIsNotNamed(t *testing.T) {
	j, _, _ := newFakeJudge()
	client := Leak{Kind: "tcp", Name: "127.0.0.1:5 -> 127.0.0.1:80 (established)", Owner: "TestA"}
	server := Leak{Kind: "tcp", Name: "127.0.0.1:80 -> 127.0.0.1:5 (close-wait)"}
	assert.Len(t, j.dropOtherEnds([]Leak{server}), 1, "nobody has named the client")
	j.nameEnds([]Leak{client})
	assert.Empty(t, j.dropOtherEnds([]Leak{server}))
	owned := server
	owned.Owner = "TestB"
	assert.Len(t, j.dropOtherEnds([]Leak{owned}), 1, "who accepted it is known")
	other := Leak{Kind: "tcp", Name: "127.0.0.1:80 -> 127.0.0.1:6 (established)"}
	assert.Len(t, j.dropOtherEnds([]Leak{other}), 1)
}
