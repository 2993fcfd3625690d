package resources_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sqlite "modernc.org/sqlite"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// A sqlSuite runs on one database system.
type sqlSuite struct {
	driver string
	dsn    func(t *testing.T) string // of an empty database
}

func TestSQLite(t *testing.T) {
	sqlSuite{"sqlite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "test.db") }}.run(t)
}

func (s sqlSuite) run(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *sql.DB, *leakcheck.Tracker){
		"database":                     s.database,
		"rows":                         testSQLRows,
		"rows are closed at the end":   testSQLRowsClosedAtTheEnd,
		"rows and a context":           testSQLRowsAndContext,
		"rows dropped":                 testSQLRowsDropped,
		"query fails":                  testSQLQueryFails,
		"statement":                    testSQLStmt,
		"statement of a connection":    testSQLStmtOfConn,
		"statement fails":              testSQLStmtFails,
		"transaction":                  testSQLTx,
		"transaction after an error":   testSQLTxAfterError,
		"transaction and a context":    testSQLTxAndContext,
		"connection":                   testSQLConn,
		"connection that was waited":   testSQLConnWaitedFor,
		"connection the pool opened":   testSQLConnOpenedByThePool,
		"waiting is cancelled":         testSQLWaitingIsCancelled,
		"panic":                        testSQLPanic,
		"check in use":                 testSQLCheckInUse,
		"off":                          testSQLOff,
		"the connection of the driver": testSQLDriverConn,
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			db, err := resources.OpenSQL(s.driver, s.dsn(t), resources.WithTracker(tr))
			require.NoError(t, err)
			t.Cleanup(func() {
				assert.NoError(t, db.Close())
				assert.NoError(t, db.Close(), "closing twice")
				assert.Empty(t, tr.Live(), "all is closed with the database")
			})
			for _, query := range []string{
				"DROP TABLE IF EXISTS users",
				"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)",
				"INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace'), (3, 'Barbara')",
			} {
				_, err := db.Exec(query)
				require.NoError(t, err)
			}
			require.Equal(t, []string{"database"}, sqlKinds(tr), "an idle connection is not in use")
			test(t, db, tr)
		})
	}
}

func sqlKinds(tr *leakcheck.Tracker) (kinds []string) {
	for _, info := range tr.Live() {
		kinds = append(kinds, info.Kind)
	}
	return kinds
}

// sqlLive returns the only thing of a kind and requires that a line of the
// caller's file opened it.
func sqlLive(t *testing.T, tr *leakcheck.Tracker, kind string) leakcheck.Info {
	t.Helper()
	_, file, _, _ := runtime.Caller(1)
	var found []leakcheck.Info
	for _, info := range tr.Live() {
		if info.Kind == kind {
			found = append(found, info)
		}
	}
	require.Len(t, found, 1, "of kind %s: %v", kind, tr.Live())
	first, _, _ := strings.Cut(found[0].Stack.String(), "\n")
	require.Contains(t, first, filepath.Base(file)+":", found[0].Stack.String())
	return found[0]
}

// sqlIdle waits until the pool of db has all connections again.
func sqlIdle(t *testing.T, db *sql.DB) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Stats().InUse == 0 }, 20*time.Second, 100*time.Microsecond)
}

func (s sqlSuite) database(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	info := sqlLive(t, tr, "database")
	assert.Equal(t, s.driver, info.Name, "the data source name is a secret")
	assert.Equal(t, 1, tr.Len())

	named, err := resources.OpenSQL(s.driver, s.dsn(t), resources.WithTracker(tr), resources.WithName("orders"))
	require.NoError(t, err)
	assert.Equal(t, "orders", tr.Live()[1].Name)
	conn, err := named.Conn(t.Context())
	require.NoError(t, err)
	assert.Contains(t, sqlLive(t, tr, "connection").Name, "orders #")
	require.NoError(t, named.Close())
	assert.Equal(t, []string{"database", "connection"}, sqlKinds(tr), "closing the database waits for nobody")
	require.NoError(t, conn.Close())
	assert.Equal(t, []string{"database"}, sqlKinds(tr))
}

func testSQLRows(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	rows, err := db.Query("SELECT id,\n\t\tname\nFROM   users")
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "rows"}, sqlKinds(tr))
	assert.Equal(t, "SELECT id, name FROM users", sqlLive(t, tr, "rows").Name)
	sqlLive(t, tr, "connection")

	require.True(t, rows.Next())
	assert.Equal(t, 3, tr.Len(), "in the middle of the iteration")
	require.NoError(t, rows.Close())
	require.NoError(t, rows.Close())
	assert.Equal(t, 1, tr.Len())

	rows, err = db.Query("SELECT '" + strings.Repeat("ä", 200) + "'")
	require.NoError(t, err)
	assert.Equal(t, "SELECT '"+strings.Repeat("ä", 36)+"…", sqlLive(t, tr, "rows").Name)
	require.NoError(t, rows.Close())

	for n := range 100 { // where the limit falls between, at the end of or into a word
		query := "SELECT " + strings.Repeat("1", n) + "1 AS somewhat FROM users WHERE id = 2 AND name = 'Grace' AND name <> 'Ada'"
		rows, err := db.Query(query)
		require.NoError(t, err)
		name := strings.TrimSuffix(sqlLive(t, tr, "rows").Name, "…")
		assert.True(t, strings.HasPrefix(query, name))
		assert.Contains(t, []int{79, 80}, len(name))
		require.NoError(t, rows.Close())
	}
}

func testSQLRowsClosedAtTheEnd(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	rows, err := db.Query("SELECT id FROM users ORDER BY id")
	require.NoError(t, err)
	n := 0
	for ; rows.Next(); n++ {
		assert.Equal(t, 3, tr.Len())
	}
	require.NoError(t, rows.Err())
	assert.Equal(t, 3, n)
	assert.Equal(t, 1, tr.Len())

	var name string
	row := db.QueryRow("SELECT name FROM users WHERE id = $1", 2)
	assert.Equal(t, "SELECT name FROM users WHERE id = $1", sqlLive(t, tr, "rows").Name, "a Row nobody scans is one nobody closes")
	require.NoError(t, row.Scan(&name))
	assert.Equal(t, "Grace", name)
	assert.Equal(t, 1, tr.Len())
	require.ErrorIs(t, db.QueryRow("SELECT name FROM users WHERE id = $1", 9).Scan(&name), sql.ErrNoRows)
	assert.Equal(t, 1, tr.Len())
}

func testSQLRowsAndContext(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := db.QueryContext(ctx, "SELECT id FROM users")
	require.NoError(t, err)
	require.True(t, rows.Next())
	cancel()
	sqlIdle(t, db)
	assert.Equal(t, []string{"database"}, sqlKinds(tr))
	assert.False(t, rows.Next())
	assert.ErrorIs(t, rows.Err(), context.Canceled)

	_, err = db.QueryContext(ctx, "SELECT id FROM users")
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, tr.Len())
}

func testSQLRowsDropped(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	lost := make(chan leakcheck.Info, 1)
	tr.OnLost(func(info leakcheck.Info) { lost <- info })
	func() {
		rows, err := db.Query("SELECT name FROM users")
		require.NoError(t, err)
		require.True(t, rows.Next())
	}()
	info := sqlCollected(t, lost)
	assert.Equal(t, "rows", info.Kind)
	assert.Equal(t, "SELECT name FROM users", info.Name)
	assert.Contains(t, info.Stack.String(), "sql_test.go:")
	assert.Equal(t, []string{"database", "connection"}, sqlKinds(tr), "its connection never comes back")
	tr.Clear()
}

// sqlCollected collects garbage until something is lost.
func sqlCollected(t *testing.T, lost <-chan leakcheck.Info) leakcheck.Info {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		runtime.GC()
		select {
		case info := <-lost:
			return info
		default:
		}
	}
	require.Fail(t, "nothing was lost")
	return leakcheck.Info{}
}

func testSQLQueryFails(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	_, err := db.Query("SELECT id FROM nowhere")
	require.ErrorContains(t, err, "nowhere")
	_, err = db.Exec("DELETE FROM nowhere")
	require.ErrorContains(t, err, "nowhere")
	assert.Equal(t, 1, tr.Len())
}

func testSQLStmt(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	stmt, err := db.Prepare("SELECT name FROM users WHERE id = $1")
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "statement"}, sqlKinds(tr))
	assert.Equal(t, "SELECT name FROM users WHERE id = $1", sqlLive(t, tr, "statement").Name)

	rows, err := stmt.Query(1)
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "statement", "connection", "rows"}, sqlKinds(tr))
	assert.Equal(t, "SELECT name FROM users WHERE id = $1", sqlLive(t, tr, "rows").Name)
	var name string
	require.NoError(t, stmt.QueryRow(2).Scan(&name), "on another connection")
	assert.Equal(t, []string{"database", "statement", "connection", "rows", "statement"}, sqlKinds(tr), "prepared on both")
	require.NoError(t, rows.Close())
	require.NoError(t, stmt.Close())
	require.NoError(t, stmt.Close())
	assert.Equal(t, 1, tr.Len())
}

func testSQLStmtOfConn(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	stmt, err := conn.PrepareContext(t.Context(), "SELECT name FROM users")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	assert.Equal(t, []string{"database", "statement"}, sqlKinds(tr), "the connection in the pool still has it")
	require.NoError(t, db.Close())
	assert.Zero(t, tr.Len(), "it ended with its connection")
	runtime.KeepAlive(stmt) // one that is collected is lost
}

func testSQLStmtFails(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	_, err := db.Prepare("SELECT id FRUM users WHERE")
	require.ErrorContains(t, err, "syntax error")
	assert.Equal(t, 1, tr.Len())
	stmt, err := db.Prepare("INSERT INTO users VALUES ($1, $2)")
	require.NoError(t, err)
	_, err = stmt.Exec(1, "Ada again")
	require.Error(t, err)
	_, err = stmt.Exec(1)
	require.Error(t, err, "an argument is missing")
	result, err := stmt.Exec(4, "Frances")
	require.NoError(t, err)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	assert.EqualValues(t, 1, n)
	require.NoError(t, stmt.Close())
	assert.Equal(t, 1, tr.Len())
}

func testSQLTx(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	tx, err := db.Begin()
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "transaction"}, sqlKinds(tr))
	assert.Equal(t, sqlLive(t, tr, "connection").Name, sqlLive(t, tr, "transaction").Name)
	_, err = tx.Exec("UPDATE users SET name = $1 WHERE id = $2", "Lovelace", 1)
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.ErrorIs(t, tx.Rollback(), sql.ErrTxDone)
	assert.Equal(t, 1, tr.Len())

	tx, err = db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	stmt, err := tx.Prepare("DELETE FROM users")
	require.NoError(t, err)
	_, err = stmt.Exec()
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "transaction", "statement"}, sqlKinds(tr))
	require.NoError(t, tx.Rollback())
	assert.Equal(t, 1, tr.Len(), "its statements end with a transaction")

	var names string
	require.NoError(t, db.QueryRow("SELECT name FROM users WHERE id = 1").Scan(&names))
	assert.Equal(t, "Lovelace", names)
}

func testSQLTxAfterError(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("INSERT INTO users VALUES (1, 'twice')")
	require.Error(t, err)
	assert.Equal(t, 3, tr.Len(), "it is not over")
	require.NoError(t, tx.Rollback())
	assert.Equal(t, 1, tr.Len())
}

func testSQLTxAndContext(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	rows, err := tx.Query("SELECT name FROM users")
	require.NoError(t, err)
	require.True(t, rows.Next())
	assert.Equal(t, []string{"database", "connection", "transaction", "rows"}, sqlKinds(tr))
	cancel()
	sqlIdle(t, db)
	require.Eventually(t, func() bool { return tr.Len() == 1 }, 20*time.Second, 100*time.Microsecond, "%v", tr.Live())
	require.Error(t, tx.Commit())
}

func testSQLConn(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	for range 3 { // the connection is used again
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"database", "connection"}, sqlKinds(tr))
		assert.Contains(t, sqlLive(t, tr, "connection").Stack.String(), "testSQLConn")
		require.NoError(t, conn.PingContext(t.Context()))
		require.NoError(t, conn.Close())
		require.ErrorIs(t, conn.Close(), sql.ErrConnDone)
		assert.Equal(t, 1, tr.Len())
	}
	db.SetMaxIdleConns(-1)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	sqlLive(t, tr, "connection")
	require.NoError(t, conn.Close())
	assert.Equal(t, 1, tr.Len(), "closed, not kept")
}

// sqlWaiters waits until n callers wait for a connection.
func sqlWaiters(t *testing.T, db *sql.DB, n int64) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Stats().WaitCount == n }, 20*time.Second, 100*time.Microsecond)
}

func testSQLConnWaitedFor(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	db.SetMaxOpenConns(1)
	first, err := db.Conn(t.Context())
	require.NoError(t, err)
	var wg sync.WaitGroup
	var second *sql.Conn
	wg.Go(func() { second = takeSQLConn(t, db) })
	sqlWaiters(t, db, 1)
	require.NoError(t, first.Close())
	wg.Wait()
	assert.Contains(t, sqlLive(t, tr, "connection").Stack.String(), "takeSQLConn")
	require.NoError(t, second.Close())
}

func takeSQLConn(t *testing.T, db *sql.DB) *sql.Conn {
	conn, err := db.Conn(t.Context())
	assert.NoError(t, err)
	return conn
}

func testSQLConnOpenedByThePool(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	db.SetMaxOpenConns(1)
	first, err := db.Conn(t.Context())
	require.NoError(t, err)
	var wg sync.WaitGroup
	var second *sql.Conn
	wg.Go(func() { second = takeSQLConn(t, db) })
	sqlWaiters(t, db, 1)
	require.ErrorIs(t, first.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
	wg.Wait()
	assert.Equal(t, []string{"database"}, sqlKinds(tr), "the pool does not tell that it gave it away")
	require.NoError(t, second.PingContext(t.Context()))
	assert.Contains(t, sqlLive(t, tr, "connection").Stack.String(), "testSQLConnOpenedByThePool")
	require.NoError(t, second.Close())
	assert.Equal(t, 1, tr.Len())
}

func testSQLWaitingIsCancelled(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := db.QueryContext(ctx, "SELECT 1")
		done <- err
	}()
	sqlWaiters(t, db, 1)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	assert.Equal(t, 2, tr.Len())
	require.NoError(t, conn.Close())
	assert.Equal(t, 1, tr.Len())
}

func testSQLPanic(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	require.PanicsWithValue(t, "in the body", func() {
		rows, err := db.Query("SELECT id FROM users")
		require.NoError(t, err)
		defer rows.Close()
		require.Equal(t, 3, tr.Len())
		panic("in the body")
	})
	assert.Equal(t, 1, tr.Len())

	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	require.Panics(t, func() { _ = conn.Raw(func(any) error { panic("in Raw") }) })
	assert.Equal(t, 1, tr.Len(), "database/sql closes the connection")
}

func testSQLCheckInUse(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	require.NoError(t, resources.CheckInUse(db))
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	rows, err := db.Query("SELECT id FROM users")
	require.NoError(t, err)

	err = resources.CheckInUse(db)
	require.ErrorContains(t, err, "resources: checking the connections in use: 2 not returned to the pool")
	assert.Equal(t, 2, strings.Count(err.Error(), "sql_test.go:"), err.Error())
	assert.NotContains(t, err.Error(), "not known")

	resources.SetTracking(false)
	t.Cleanup(func() { resources.SetTracking(true) })
	third, err := db.Conn(t.Context())
	require.NoError(t, err)
	err = resources.CheckInUse(db)
	require.ErrorContains(t, err, "3 not returned")
	assert.ErrorContains(t, err, "and 1 by callers that are not known")

	require.NoError(t, third.Close())
	require.NoError(t, rows.Close())
	require.NoError(t, conn.Close())
	require.NoError(t, resources.CheckInUse(db))
}

func testSQLOff(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	before, err := db.Query("SELECT id FROM users")
	require.NoError(t, err)
	resources.SetTracking(false)
	t.Cleanup(func() { resources.SetTracking(true) })
	tx, err := db.Begin()
	require.NoError(t, err)
	during, err := tx.Query("SELECT id FROM users")
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "rows"}, sqlKinds(tr))
	require.NoError(t, before.Close())
	assert.Equal(t, []string{"database"}, sqlKinds(tr), "what was tracked leaves")
	resources.SetTracking(true)
	require.NoError(t, during.Close())
	require.NoError(t, tx.Rollback())
	assert.Equal(t, 1, tr.Len())
}

func testSQLDriverConn(t *testing.T, db *sql.DB, tr *leakcheck.Tracker) {
	plain, err := db.Driver().Open("") // of its type, not for its contents
	if err == nil {
		defer plain.Close()
	}
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(c any) error {
		original := resources.DriverConn(c)
		assert.False(t, c == original)
		if plain != nil {
			assert.IsType(t, plain, original)
		}
		assert.True(t, original == resources.DriverConn(original), "what is not tracked stays")
		return nil
	}))
	require.NoError(t, conn.Close())
	assert.Nil(t, resources.DriverConn(nil))
}

func TestOpenSQLFailsAsOpenDoes(t *testing.T) {
	_, want := sql.Open("no such driver", "")
	_, err := resources.OpenSQL("no such driver", "")
	require.Error(t, err)
	assert.Equal(t, want, err)
}

// A refusingDriver refuses every data source name.
type refusingDriver struct{ err error }

func (d refusingDriver) Open(string) (driver.Conn, error)               { return nil, d.err }
func (d refusingDriver) OpenConnector(string) (driver.Connector, error) { return nil, d.err }

var registerRefusing = sync.OnceValue(func() error {
	err := errors.New("the data source name is refused")
	sql.Register("refusing", refusingDriver{err})
	return err
})

func TestSQLDataSourceNameIsRefused(t *testing.T) {
	tr, want := leakcheck.NewTracker(), registerRefusing()
	_, err := resources.OpenSQL("refusing", "", resources.WithTracker(tr))
	assert.Equal(t, want, err)
	d := resources.Driver(refusingDriver{want}, resources.WithTracker(tr))
	_, err = d.(driver.DriverContext).OpenConnector("")
	assert.Equal(t, want, err)
	_, err = d.Open("")
	assert.Equal(t, want, err)
	assert.Zero(t, tr.Len())
}

func TestSQLNilArguments(t *testing.T) {
	tr := leakcheck.NewTracker()
	_, err := resources.OpenDB(nil, resources.WithTracker(tr))
	require.ErrorContains(t, err, "resources: opening a database: the connector is nil")
	_, err = resources.OpenDB((*sqlRecorder)(nil), resources.WithTracker(tr))
	require.ErrorContains(t, err, "resources: opening a database: the connector is nil")
	_, err = resources.Connector(nil, resources.WithTracker(tr))
	require.ErrorContains(t, err, "resources: tracking a connector: it is nil")
	require.ErrorContains(t, resources.CheckInUse(nil), "the database is nil")

	d := resources.Driver(nil, resources.WithTracker(tr))
	_, err = d.Open("")
	require.ErrorContains(t, err, "the driver is nil")
	_, err = d.(driver.DriverContext).OpenConnector("")
	require.ErrorContains(t, err, "the driver is nil")
	assert.Zero(t, tr.Len())
}

func TestSQLConnector(t *testing.T) {
	tr := leakcheck.NewTracker()
	closed := errors.New("closed as told")
	c, err := resources.Connector(&closingConnector{err: closed}, resources.WithTracker(tr))
	require.NoError(t, err)
	db := sql.OpenDB(c)
	assert.Equal(t, "*sqlite.Driver", sqlLive(t, tr, "database").Name)
	assert.IsType(t, &sqlite.Driver{}, db.Driver())
	rows, err := db.Query("SELECT 1")
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "rows"}, sqlKinds(tr))
	require.EqualError(t, resources.CheckInUse(db), "resources: checking the connections in use: 1 not returned to the pool: close the Conn, Rows or Tx that has it")
	require.NoError(t, rows.Close())
	require.Equal(t, closed, db.Close(), "the error is that of the connector")
	assert.Zero(t, tr.Len())
}

// A closingConnector fails to close.
type closingConnector struct{ err error }

func (*closingConnector) Connect(context.Context) (driver.Conn, error) {
	return new(sqlite.Driver).Open(":memory:")
}
func (*closingConnector) Driver() driver.Driver { return new(sqlite.Driver) }
func (c *closingConnector) Close() error        { return c.err }

func TestSQLConnectFails(t *testing.T) {
	tr := leakcheck.NewTracker()
	refused := errors.New("connection refused")
	db, err := resources.OpenDB(refusingConnector{refused}, resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Equal(t, refused, db.Ping())
	require.NoError(t, db.Close())
	assert.Zero(t, tr.Len())
}

type refusingConnector struct{ err error }

func (c refusingConnector) Connect(context.Context) (driver.Conn, error) { return nil, c.err }
func (refusingConnector) Driver() driver.Driver                          { return nil }

var registerSQL = sync.OnceValue(func() *leakcheck.Tracker {
	tr := leakcheck.NewTracker()
	sql.Register("tracked sqlite", resources.Driver(new(sqlite.Driver), resources.WithTracker(tr), resources.WithName("books")))
	return tr
})

func TestSQLDriver(t *testing.T) {
	tr := registerSQL()
	db, err := sql.Open("tracked sqlite", ":memory:")
	require.NoError(t, err)
	assert.Equal(t, "books", sqlLive(t, tr, "database").Name)
	tx, err := db.Begin()
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "transaction"}, sqlKinds(tr))
	require.NoError(t, tx.Rollback())
	require.NoError(t, db.Close())
	assert.Zero(t, tr.Len())

	conn, err := resources.Driver(new(sqlite.Driver), resources.WithTracker(tr)).Open(":memory:")
	require.NoError(t, err)
	sqlLive(t, tr, "connection")
	require.NoError(t, conn.Close())
	assert.Zero(t, tr.Len())
}

func TestOpenSQLTracksARegisteredDriverOnce(t *testing.T) {
	registered, tr := registerSQL(), leakcheck.NewTracker()
	db, err := resources.OpenSQL("tracked sqlite", ":memory:", resources.WithTracker(tr))
	require.NoError(t, err)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection"}, sqlKinds(tr))
	assert.Zero(t, registered.Len())
	require.NoError(t, conn.Close())
	require.NoError(t, db.Close())
}

// A failingSQLConn fails to close what it opens.
type failingSQLConn struct {
	plainSQLConn
	err error
}

type (
	failingSQLTx   struct{ err error }
	failingSQLStmt struct {
		plainSQLStmt
		err error
	}
	failingSQLRows struct{ err error }
)

func (c failingSQLConn) Close() error              { return c.err }
func (c failingSQLConn) Begin() (driver.Tx, error) { return failingSQLTx{c.err}, nil }
func (c failingSQLConn) Prepare(query string) (driver.Stmt, error) {
	return failingSQLStmt{plainSQLStmt{c.r, query}, c.err}, nil
}
func (t failingSQLTx) Commit() error   { return t.err }
func (t failingSQLTx) Rollback() error { return t.err }
func (s failingSQLStmt) Close() error  { return s.err }
func (s failingSQLStmt) Query([]driver.Value) (driver.Rows, error) {
	return failingSQLRows{s.err}, nil
}
func (r failingSQLRows) Columns() []string         { return []string{"a"} }
func (r failingSQLRows) Close() error              { return r.err }
func (r failingSQLRows) Next([]driver.Value) error { return io.EOF }

func TestSQLClosingFails(t *testing.T) {
	for _, failure := range []error{errors.New("failed as told"), driver.ErrBadConn} {
		t.Run(failure.Error(), func(t *testing.T) {
			tr := leakcheck.NewTracker()
			r := &sqlRecorder{conn: func(r *sqlRecorder) driver.Conn { return failingSQLConn{plainSQLConn{r}, failure} }}
			db, err := resources.OpenDB(r, resources.WithTracker(tr))
			require.NoError(t, err)

			for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
				tx, err := db.Begin()
				require.NoError(t, err)
				sqlLive(t, tr, "transaction")
				assert.Equal(t, failure, end(tx))
				assert.Equal(t, 1, tr.Len(), "%v", tr.Live())
			}
			rows, err := db.Query("SELECT 1")
			require.NoError(t, err)
			assert.Equal(t, []string{"database", "connection", "statement", "rows"}, sqlKinds(tr), "the statement is database/sql's own")
			assert.Equal(t, failure, rows.Close())
			assert.Equal(t, 1, tr.Len(), "%v", tr.Live())

			tx, err := db.Begin()
			require.NoError(t, err)
			stmt, err := tx.Prepare("SELECT 1")
			require.NoError(t, err)
			assert.Equal(t, failure, stmt.Close())
			assert.Equal(t, failure, tx.Rollback())
			assert.Equal(t, 1, tr.Len(), "%v", tr.Live())

			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			require.NoError(t, conn.Close())
			assert.Equal(t, failure, db.Close(), "the connection in the pool fails to close")
			assert.Zero(t, tr.Len(), "%v", tr.Live())
		})
	}
}
