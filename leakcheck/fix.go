package leakcheck

import "strings"

// fixFor returns what to do about a leak whose shape is recognised, "" for any
// other: a wrong hint is worse than none.
func fixFor(l Leak) string {
	switch l.Kind {
	case "goroutine":
		return goroutineFix(l)
	case "tcp", "udp":
		if len(l.Stack) > 0 && l.via == "" && l.CreatedBy.Function == "" {
			return "close the connection on every path: defer conn.Close() after the error check"
		}
	}
	kind, _, _ := strings.Cut(l.Kind, ":") // file of file:r
	return kindFix[kind]
}

// kindFix holds the shapes that the kind alone tells.
var kindFix = map[string]string{
	"file":        "close it on every path: defer f.Close() after the error check",
	"directory":   "close it on every path: defer f.Close() after the error check",
	"listener":    "close the listener: defer ln.Close() after the error check",
	"process":     "wait for the command on every path: cmd.Wait() after cmd.Start(), or cmd.Run()",
	"pidfd":       "wait for the process on every path, or release it: p.Wait(), p.Release()",
	"misuse":      "close it once, through the value that opened it",
	"mapping":     "unmap it on every path: defer syscall.Munmap(data) after the error check",
	"body":        "read the response body to the end and close it: defer resp.Body.Close()",
	"rows":        "close the rows on every path: defer rows.Close() after the error check",
	"statement":   "close the statement on every path: defer stmt.Close() after the error check",
	"transaction": "end the transaction on every path: defer tx.Rollback() after the error check",
	"connection":  "give the connection back on every path: defer conn.Close() after the error check",
	"inotify":     "close the watcher: defer watcher.Close() after the error check",
}

// A shape is a goroutine known by a function on its stack and, where given, by
// the beginning of what the runtime says it waits for.
type shape struct {
	function, state, fix string
}

// shapes are goroutines of the standard library that are left behind when
// something was not closed. The first that fits is taken.
var shapes = []shape{
	// readLoop waits in a select for the caller to finish with the body, and
	// in the poller while the connection is idle: net/http/transport.go.
	{"net/http.(*persistConn).readLoop", "select", "read the response body to the end and close it: defer resp.Body.Close()"},
	{"net/http.(*persistConn).readLoop", "IO wait", "the keep-alive connection is idle: call client.CloseIdleConnections() when done, or close the server"},
	{"database/sql.(*Rows).awaitDone", "", "close the rows on every path: defer rows.Close() after the error check"},
	{"database/sql.(*Tx).awaitDone", "", "end the transaction on every path: defer tx.Rollback() after the error check"},
	{"database/sql.(*DB).connectionOpener", "", "close the database: defer db.Close()"},
	{"os/exec.(*Cmd).watchCtx", "", kindFix["process"]},
	{"net/http.(*Server).Serve", "", "stop the server: srv.Shutdown(ctx) or srv.Close()"},
	{"context.(*cancelCtx).propagateCancel", "", "call the cancel function on every path: defer cancel()"},
}

func goroutineFix(l Leak) string {
	for _, s := range shapes {
		if strings.HasPrefix(l.Detail, s.state) && hasFunction(l, s.function) {
			return s.fix
		}
	}
	return ""
}

// hasFunction reports whether f, or a function literal inside it, is on the
// stack of l.
func hasFunction(l Leak, f string) bool {
	for _, frame := range l.Stack {
		if frame.Function == f || strings.HasPrefix(frame.Function, f+".func") {
			return true
		}
	}
	return false
}
