//lint:file-ignore SA1019 Drivers still have the older methods, and database/sql still calls them.

package resources

import (
	"context"
	"database/sql/driver"
	"errors"
)

// The functions of this file call a driver as database/sql does, in its file
// ctxutil.go: through the method that takes a context if there is one. If there
// is none they look at the context themselves and refuse what the older method
// cannot do, with the same errors.

func connPrepare(ctx context.Context, c driver.Conn, query string) (driver.Stmt, error) {
	if withContext, ok := c.(driver.ConnPrepareContext); ok {
		return withContext.PrepareContext(ctx, query)
	}
	stmt, err := c.Prepare(query)
	if err == nil && ctx.Err() != nil {
		_ = stmt.Close()
		return nil, ctx.Err()
	}
	return stmt, err
}

func connBegin(ctx context.Context, c driver.Conn, opts driver.TxOptions) (driver.Tx, error) {
	if withContext, ok := c.(driver.ConnBeginTx); ok {
		return withContext.BeginTx(ctx, opts)
	}
	if opts.Isolation != 0 {
		return nil, errors.New("sql: driver does not support non-default isolation level")
	}
	if opts.ReadOnly {
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	tx, err := c.Begin()
	if err == nil && ctx.Err() != nil {
		_ = tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

func connExec(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) (driver.Result, error) {
	if withContext, ok := c.(driver.ExecerContext); ok {
		return withContext.ExecContext(ctx, query, args)
	}
	values, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.(driver.Execer).Exec(query, values)
}

func connQuery(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) (driver.Rows, error) {
	if withContext, ok := c.(driver.QueryerContext); ok {
		return withContext.QueryContext(ctx, query, args)
	}
	values, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.(driver.Queryer).Query(query, values)
}

func stmtExec(ctx context.Context, s driver.Stmt, args []driver.NamedValue) (driver.Result, error) {
	if withContext, ok := s.(driver.StmtExecContext); ok {
		return withContext.ExecContext(ctx, args)
	}
	values, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.Exec(values)
}

func stmtQuery(ctx context.Context, s driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if withContext, ok := s.(driver.StmtQueryContext); ok {
		return withContext.QueryContext(ctx, args)
	}
	values, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.Query(values)
}

// unnamed returns arguments for a method that knows neither names nor contexts.
func unnamed(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = arg.Value
	}
	return values, ctx.Err()
}
