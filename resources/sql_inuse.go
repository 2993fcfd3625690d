package resources

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"weak"
)

// CheckInUse returns nil if all connections of db are back in its pool, and
// otherwise an error that says how many are not. If db was opened by [OpenSQL]
// or [OpenDB] it names the lines that took them, of those that were taken while
// tracking was on. Call it at the end of a test, before db is closed:
//
//	t.Cleanup(func() { assert.NoError(t, resources.CheckInUse(db)) })
//
// It does not wait: a connection whose context was just cancelled may still be
// on its way back.
func CheckInUse(db *sql.DB) error {
	if db == nil {
		return errors.New("resources: checking the connections in use: the database is nil: pass the one that was opened")
	}
	n := db.Stats().InUse
	if n == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "resources: checking the connections in use: %d not returned to the pool: close the Conn, Rows or Tx that has it", n)
	if s, ok := databases.Load(weak.Make(db)); ok {
		s.(*sqlConnector).describeUsers(&b, n)
	}
	return errors.New(b.String())
}

// describeUsers writes who uses n connections.
func (s *sqlConnector) describeUsers(b *strings.Builder, n int) {
	for _, info := range s.tracking().Live() {
		if info.Kind != "connection" || !s.has(info.Name) {
			continue
		}
		n--
		line, _, _ := strings.Cut(info.Stack.String(), "\n")
		fmt.Fprintf(b, "\n\t%s taken by %s", info.Name, line)
	}
	if n > 0 {
		fmt.Fprintf(b, "\n\tand %d by callers that are not known", n)
	}
}

// databases has the connector of each open database that was opened here. A
// database that is not closed is never collected anyway: a goroutine of its own
// refers to it.
var databases sync.Map // of weak.Pointer[sql.DB] to *sqlConnector

func (s *sqlConnector) register(db *sql.DB) {
	s.db = weak.Make(db)
	databases.Store(s.db, s)
}

func (s *sqlConnector) unregister() { databases.Delete(s.db) }
