//lint:file-ignore SA1019 Drivers still have the older methods, and database/sql still calls them.

package resources

import (
	"context"
	"database/sql/driver"
	"errors"
	"weak"
)

// A sqlTx is a transaction.
type sqlTx struct {
	handle
	tx   driver.Tx
	conn *sqlConn
	done <-chan struct{} // of its context

	// The statements prepared in it, for a connection that is not kept.
	stmts []weak.Pointer[sqlStmt]
}

// Begin is BeginTx without a context or options.
func (c *sqlConn) Begin() (driver.Tx, error) {
	c.use()
	tx, err := c.conn.Begin()
	return c.begun(tx, nil, err)
}

// BeginTx begins a transaction, which is tracked until Commit or Rollback.
func (c *sqlConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.use()
	tx, err := connBegin(ctx, c.conn, opts)
	return c.begun(tx, ctx.Done(), err)
}

func (c *sqlConn) begun(tx driver.Tx, done <-chan struct{}, err error) (driver.Tx, error) {
	if err != nil || tx == nil {
		return tx, err
	}
	t := &sqlTx{tx: tx, conn: c, done: done}
	t.open(t, nil, c.name, "transaction", c.connector.inner)
	if !c.keeps {
		c.tx = t
	}
	return t, nil
}

// Commit ends the transaction, also if it fails: database/sql lets nothing more
// be done with it.
func (t *sqlTx) Commit() error {
	err := t.tx.Commit()
	t.conn.tx = nil
	t.close(t, err)
	return err
}

// Rollback ends the transaction, also if it fails.
func (t *sqlTx) Rollback() error {
	err := t.tx.Rollback()
	t.conn.tx = nil
	t.close(t, err)
	if errors.Is(err, driver.ErrBadConn) || !t.discards() {
		return err
	}
	t.closeStmts() // database/sql does not do it for a bad connection
	return driver.ErrBadConn
}

// discards reports whether database/sql rolls back because the context is done
// and would not use the connection again if it saw the driver's, which cannot
// both reset a session and tell if it is valid. The stand-in can do both, so it
// has to ask for that.
func (t *sqlTx) discards() bool {
	select {
	case <-t.done:
		return !t.conn.keeps && calledBySQL("(*Tx).awaitDone")
	default:
		return false
	}
}

func (t *sqlTx) closeStmts() {
	for _, p := range t.stmts {
		if s := p.Value(); s != nil {
			_ = s.Close()
		}
	}
}

// forget drops a statement that is closed again soon, as most are.
func (t *sqlTx) forget(s *sqlStmt) {
	if last := len(t.stmts) - 1; last >= 0 && t.stmts[last] == weak.Make(s) {
		t.stmts = t.stmts[:last]
	}
}
