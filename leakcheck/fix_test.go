package leakcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func stuckIn(state, function string) Leak {
	return Leak{Kind: "goroutine", Detail: state, Stack: []Frame{{Function: function}}}
}

func TestFixKnowsItsShapes(t *testing.T) {
	for want, l := range map[string]Leak{
		"defer f.Close()":      {Kind: "file"},
		"defer ln.Close()":     {Kind: "listener"},
		"cmd.Wait()":           {Kind: "process"},
		"Munmap":               {Kind: "mapping"},
		"watcher.Close()":      {Kind: "inotify"},
		"resp.Body.Close()":    stuckIn("select", "net/http.(*persistConn).readLoop"),
		"CloseIdleConnections": stuckIn("IO wait", "net/http.(*persistConn).readLoop"),
		"rows.Close()":         stuckIn("select", "database/sql.(*Rows).awaitDone"),
		"tx.Rollback()":        stuckIn("select", "database/sql.(*Tx).awaitDone"),
		"db.Close()":           stuckIn("select", "database/sql.(*DB).connectionOpener"),
		"defer cancel()":       stuckIn("select", "context.(*cancelCtx).propagateCancel.func2"),
	} {
		assert.Contains(t, fixFor(l), want)
	}
}

func TestFixIsSilentOtherwise(t *testing.T) {
	for _, l := range []Leak{
		{Kind: "lease"}, {Kind: "tcp"}, {Kind: "eventfd"},
		stuckIn("chan receive", "example.com/x.Wait"),
		stuckIn("runnable", "net/http.(*persistConn).readLoop"),
		stuckIn("select", "net/http.(*persistConn).readLoopX"),
	} {
		assert.Empty(t, fixFor(l), "%v", l)
	}
}
