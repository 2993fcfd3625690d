package resources_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// A minimalDB has connections that can do no more than they must. It counts the
// statements that are open.
type minimalDB struct{ statements atomic.Int32 }

func (db *minimalDB) Connect(context.Context) (driver.Conn, error) { return minimalConn{db}, nil }

// Driver tells nothing, which database/sql never minds.
func (db *minimalDB) Driver() driver.Driver { return nil }

type minimalConn struct{ db *minimalDB }

func (c minimalConn) Prepare(string) (driver.Stmt, error) {
	c.db.statements.Add(1)
	return minimalStmt(c), nil
}
func (minimalConn) Close() error              { return nil }
func (minimalConn) Begin() (driver.Tx, error) { return minimalTx{}, nil }

type minimalTx struct{}

func (minimalTx) Commit() error   { return nil }
func (minimalTx) Rollback() error { return nil }

type minimalStmt struct{ db *minimalDB }

func (s minimalStmt) Close() error                             { s.db.statements.Add(-1); return nil }
func (minimalStmt) NumInput() int                              { return -1 }
func (minimalStmt) Exec([]driver.Value) (driver.Result, error) { return driver.RowsAffected(1), nil }
func (minimalStmt) Query([]driver.Value) (driver.Rows, error)  { return minimalRows{}, nil }

type minimalRows struct{}

func (minimalRows) Columns() []string         { return []string{"a"} }
func (minimalRows) Close() error              { return nil }
func (minimalRows) Next([]driver.Value) error { return io.EOF }

// useInCancelledTx prepares a statement, uses it in a transaction that ends with
// its context, and closes it.
func useInCancelledTx(t *testing.T, db *sql.DB) {
	t.Helper()
	stmt, err := db.Prepare("q")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = tx.Stmt(stmt).Exec()
	require.NoError(t, err)
	cancel()
	require.Eventually(t, func() bool { return db.Stats().InUse == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, stmt.Close())
}

func TestAStatementOfACancelledTransactionIsClosedWithItsParent(t *testing.T) {
	var plain, under minimalDB
	db := sql.OpenDB(&plain)
	useInCancelledTx(t, db)
	require.Eventually(t, func() bool { return plain.statements.Load() == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, db.Close())

	tr := leakcheck.NewTracker()
	db, err := resources.OpenDB(&under, resources.WithTracker(tr))
	require.NoError(t, err)
	useInCancelledTx(t, db)
	assert.Eventually(t, func() bool { return under.statements.Load() == 0 && tr.Len() == 1 }, 10*time.Second, time.Millisecond, "as without")
	require.NoError(t, db.Close())
	assert.Zero(t, tr.Len())
}

type secretiveDriver struct{ db *minimalDB }

func (secretiveDriver) Open(string) (driver.Conn, error) { return nil, errors.New("it has connectors") }

func (d secretiveDriver) OpenConnector(string) (driver.Connector, error) { return d.db, nil }

func init() { sql.Register("secretive", secretiveDriver{new(minimalDB)}) }

func TestAConnectorWithoutADriver(t *testing.T) {
	_, err := resources.OpenSQL("secretive", "")
	assert.ErrorContains(t, err, `the driver "secretive"`)
	assert.ErrorContains(t, err, "use OpenDB")
}
