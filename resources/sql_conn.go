package resources

import (
	"context"
	"database/sql/driver"
	"errors"
	"weak"
)

// DriverConn returns the connection of the driver behind one that is tracked.
// What [sql.Conn.Raw] passes is the tracked one:
//
//	err := conn.Raw(func(c any) error {
//		pgxConn := resources.DriverConn(c).(*stdlib.Conn).Conn()
//		…
//	})
//
// What is not tracked it returns as it is, so such code works in both cases.
// What the driver's own methods open is not tracked.
func DriverConn(conn any) any {
	for {
		tracked, ok := conn.(interface{ driverConn() driver.Conn })
		if !ok {
			return conn
		}
		conn = tracked.driverConn()
	}
}

// A sqlConn is a connection. It is tracked while it is out of the pool.
// database/sql calls it from one goroutine at a time.
//
// It has all optional interfaces for whose absence database/sql has a documented
// default, and gives that default where the driver's connection has not got
// them. For the others see withOptional.
type sqlConn struct {
	handle
	conn      driver.Conn
	connector *sqlConnector
	name      string
	fresh     bool // opened by the pool and not used yet
	keeps     bool // see keepsOnRollback

	// The tracked statements. They are the user's to keep, hence weak.
	stmts map[weak.Pointer[sqlStmt]]struct{}
}

func (c *sqlConn) driverConn() driver.Conn { return c.conn }

// checkOut begins the tracking of c, for the caller.
func (c *sqlConn) checkOut() {
	c.fresh = false
	if !c.isTracked() {
		c.open(c, nil, c.name, "connection", c.connector.inner)
	}
}

// use is called before all that only the user of a connection does: the pool
// does not say to whom it gives a new one that it opened by itself.
func (c *sqlConn) use() {
	if c.fresh {
		c.checkOut()
	}
}

// ResetSession is called when the pool gives the connection to the caller, but
// for the first time.
func (c *sqlConn) ResetSession(ctx context.Context) (err error) {
	if resetter, ok := c.conn.(driver.SessionResetter); ok {
		err = resetter.ResetSession(ctx)
	}
	if !errors.Is(err, driver.ErrBadConn) { // then the connection is closed
		c.checkOut()
	}
	return err
}

// IsValid is called when the pool gets the connection back, unless an error
// made it unusable: then Close is.
func (c *sqlConn) IsValid() bool {
	valid := true
	if validator, ok := c.conn.(driver.Validator); ok {
		valid = validator.IsValid()
	}
	c.close(c, nil)
	return valid
}

// keepsOnRollback reports whether database/sql keeps a connection whose
// transaction ended with its context. For others it assumes that a reset is not
// enough: see sql.DB.beginDC.
func keepsOnRollback(c driver.Conn) bool {
	_, resets := c.(driver.SessionResetter)
	_, validates := c.(driver.Validator)
	return resets && validates
}

// Close closes the connection, and with it all its statements.
func (c *sqlConn) Close() error {
	err := c.conn.Close()
	for p := range c.stmts {
		if s := p.Value(); s != nil {
			s.close(s, err)
		}
	}
	c.stmts = nil
	c.connector.remove(c.name)
	c.close(c, err)
	return err
}

// Ping succeeds, as for database/sql, where the driver cannot do it.
func (c *sqlConn) Ping(ctx context.Context) error {
	c.use()
	if pinger, ok := c.conn.(driver.Pinger); ok {
		return pinger.Ping(ctx)
	}
	return nil
}

// CheckNamedValue leaves what the driver does not check to the default.
func (c *sqlConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// Prepare is PrepareContext without a context.
func (c *sqlConn) Prepare(query string) (driver.Stmt, error) {
	c.use()
	stmt, err := c.conn.Prepare(query)
	return c.prepared(stmt, query, err)
}

// PrepareContext prepares a statement, which is tracked until its Close.
func (c *sqlConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.use()
	stmt, err := connPrepare(ctx, c.conn, query)
	return c.prepared(stmt, query, err)
}

func (c *sqlConn) prepared(stmt driver.Stmt, query string, err error) (driver.Stmt, error) {
	if err != nil || stmt == nil {
		return stmt, err
	}
	s := &sqlStmt{stmt: stmt, conn: c, query: query}
	if tracks() {
		s.enter(s, nil, queryName(query), "statement", c.connector.inner)
		c.remember(s)
	}
	return s.withOptional(), nil
}

func (c *sqlConn) remember(s *sqlStmt) {
	if c.stmts == nil {
		c.stmts = make(map[weak.Pointer[sqlStmt]]struct{})
	}
	c.stmts[weak.Make(s)] = struct{}{}
}

func (c *sqlConn) forget(s *sqlStmt) {
	if len(c.stmts) > 0 {
		delete(c.stmts, weak.Make(s))
	}
}
