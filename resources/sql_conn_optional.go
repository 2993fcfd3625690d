//lint:file-ignore SA1019 Drivers still have the older methods, and database/sql still calls them.

package resources

import (
	"context"
	"database/sql/driver"
)

// withOptional returns c with the optional interfaces that must be absent where
// the driver's connection has not got them: arguments of a query are converted
// by the connection if it can run queries, by the statement if it cannot, and a
// statement may take more types.
func (c *sqlConn) withOptional() driver.Conn {
	switch executes, queries := canExec(c.conn), canQuery(c.conn); {
	case executes && queries:
		return execQueryConn{c}
	case executes:
		return execConn{c}
	case queries:
		return queryConn{c}
	}
	return c
}

func canExec(c driver.Conn) bool {
	_, ok := c.(driver.ExecerContext)
	if !ok {
		_, ok = c.(driver.Execer)
	}
	return ok
}

func canQuery(c driver.Conn) bool {
	_, ok := c.(driver.QueryerContext)
	if !ok {
		_, ok = c.(driver.Queryer)
	}
	return ok
}

type (
	execConn      struct{ *sqlConn }
	queryConn     struct{ *sqlConn }
	execQueryConn struct{ *sqlConn }
)

func (c execConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(ctx, query, args)
}

func (c execQueryConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(ctx, query, args)
}

func (c queryConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(ctx, query, args)
}

func (c execQueryConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(ctx, query, args)
}

func (c *sqlConn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.use()
	return connExec(ctx, c.conn, query, args)
}

func (c *sqlConn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.use()
	rows, err := connQuery(ctx, c.conn, query, args)
	return c.opened(rows, query, err)
}
