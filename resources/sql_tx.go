//lint:file-ignore SA1019 Drivers still have the older methods, and database/sql still calls them.

package resources

import (
	"context"
	"database/sql/driver"
	"errors"
)

// A sqlTx is a transaction.
type sqlTx struct {
	handle
	tx   driver.Tx
	conn *sqlConn
	done <-chan struct{} // of its context
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
	return t, nil
}

// Commit ends the transaction, also if it fails: database/sql lets nothing more
// be done with it.
func (t *sqlTx) Commit() error {
	err := t.tx.Commit()
	t.close(t, err)
	return err
}

// Rollback ends the transaction, also if it fails.
func (t *sqlTx) Rollback() error {
	err := t.tx.Rollback()
	t.close(t, err)
	if errors.Is(err, driver.ErrBadConn) || !t.discards() {
		return err
	}
	return new(discarding)
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

// A discarding is an ErrBadConn that is none when it is asked for the first time.
// (*Tx).rollback in database/sql asks twice: whether the statements of the
// transaction need no closing, which they do as ever, and whether the connection
// is not to be used again.
type discarding struct{ asked bool }

func (*discarding) Error() string { return driver.ErrBadConn.Error() }

func (d *discarding) Is(target error) bool {
	asked := d.asked
	d.asked = d.asked || target == driver.ErrBadConn
	return asked && target == driver.ErrBadConn
}
