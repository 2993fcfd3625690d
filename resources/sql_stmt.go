//lint:file-ignore SA1019 Drivers still have the older methods, and database/sql still calls them.

package resources

import (
	"context"
	"database/sql/driver"
)

// A sqlStmt is a statement prepared on one connection.
type sqlStmt struct {
	handle
	stmt  driver.Stmt
	conn  *sqlConn
	query string

	closed bool
	err    error // of Close
}

// withOptional returns s with a ColumnConverter if the driver's has it: where
// there is none, database/sql converts arguments by rules of its own.
func (s *sqlStmt) withOptional() driver.Stmt {
	if _, ok := s.stmt.(driver.ColumnConverter); ok {
		return converterStmt{s}
	}
	return s
}

type converterStmt struct{ *sqlStmt }

func (s converterStmt) ColumnConverter(index int) driver.ValueConverter {
	return s.stmt.(driver.ColumnConverter).ColumnConverter(index)
}

// Close closes the statement. database/sql calls it also for statements that it
// prepared to run one query.
func (s *sqlStmt) Close() error {
	if !s.closed {
		s.closed = true
		s.err = s.stmt.Close()
		s.conn.forget(s)
		s.close(s, s.err)
	}
	return s.err
}

// NumInput returns the number of placeholders, or -1 if it is unknown.
func (s *sqlStmt) NumInput() int { return s.stmt.NumInput() }

// CheckNamedValue asks the statement or else the connection, as database/sql
// does.
func (s *sqlStmt) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := s.stmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return s.conn.CheckNamedValue(v)
}

// Exec is ExecContext without a context.
func (s *sqlStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.stmt.Exec(args)
}

// ExecContext executes the statement.
func (s *sqlStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return stmtExec(ctx, s.stmt, args)
}

// Query is QueryContext without a context.
func (s *sqlStmt) Query(args []driver.Value) (driver.Rows, error) {
	rows, err := s.stmt.Query(args)
	return s.conn.opened(rows, s.query, err)
}

// QueryContext runs the query. The rows are tracked until their Close.
func (s *sqlStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := stmtQuery(ctx, s.stmt, args)
	return s.conn.opened(rows, s.query, err)
}
