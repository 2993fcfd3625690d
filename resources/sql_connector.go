package resources

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// Connector returns a connector for [sql.OpenDB] that tracks as [OpenSQL] does,
// the database from now on until its Close: a connector that is passed to no
// database counts as one that nobody closed. The error is not nil if c is nil.
// [OpenDB] does both; with a database opened elsewhere [CheckInUse] knows how
// many connections are in use but not by whom.
func Connector(c driver.Connector, opts ...Option) (driver.Connector, error) {
	if isNilDriver(c) {
		return nil, errors.New("resources: tracking a connector: it is nil: pass the one that the driver returned, after the error check")
	}
	return newSQLConnector(c, driverNameOf(c), opts), nil
}

// A sqlConnector stands for the database: its Close is called by that of the
// database.
type sqlConnector struct {
	handle
	connector driver.Connector
	name      string
	inner     []Option // of what is opened through the database

	mu    sync.Mutex
	conns map[string]struct{} // names of the open connections
	db    weak.Pointer[sql.DB]
}

func newSQLConnector(c driver.Connector, name string, opts []Option) *sqlConnector {
	name = cmp.Or(optionsOf(opts).name, name)
	s := &sqlConnector{connector: c, name: name, inner: trackerOnly(opts)}
	s.open(s, nil, name, "database", opts)
	return s
}

// trackerOnly drops the name from options: it is that of the database.
func trackerOnly(opts []Option) []Option {
	if t := optionsOf(opts).tracker; t != nil {
		return []Option{WithTracker(t)}
	}
	return nil
}

// tracking returns the tracker that knows the connections.
func (s *sqlConnector) tracking() *leakcheck.Tracker {
	return cmp.Or(optionsOf(s.inner).tracker, leakcheck.DefaultTracker())
}

// Connect opens a connection for the pool.
func (s *sqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return s.wrap(conn), nil
}

// Driver returns the driver itself, of which programs ask the type.
func (s *sqlConnector) Driver() driver.Driver { return s.connector.Driver() }

// Close is called by [sql.DB.Close], once.
func (s *sqlConnector) Close() (err error) {
	if closer, ok := s.connector.(io.Closer); ok {
		err = closer.Close()
	}
	s.unregister()
	s.close(s, err)
	return err
}

// connNumber makes names of connections unique in the process.
var connNumber atomic.Uint64

// wrap makes a stand-in for a new connection. Mostly it is opened for the
// caller, who has it until the pool gets it back. One that the pool opens by
// itself has no user yet and may never get one.
func (s *sqlConnector) wrap(conn driver.Conn) driver.Conn {
	name := s.name + " #" + strconv.FormatUint(connNumber.Add(1), 10)
	c := &sqlConn{conn: conn, connector: s, name: name, keeps: keepsOnRollback(conn)}
	s.add(name)
	if calledBySQL("(*DB).connectionOpener") {
		c.fresh = true
	} else {
		c.checkOut()
	}
	return c.withOptional()
}

func (s *sqlConnector) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		s.conns = make(map[string]struct{})
	}
	s.conns[name] = struct{}{}
}

func (s *sqlConnector) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, name)
}

func (s *sqlConnector) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.conns[name]
	return ok
}

// calledBySQL reports whether a function of database/sql is on the stack of the
// caller.
func calledBySQL(function string) bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if name, ok := strings.CutPrefix(f.Function, "database/sql."); ok && strings.HasPrefix(name, function) {
			return true
		}
		if !more {
			return false
		}
	}
}
