package resources_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	sqlite "modernc.org/sqlite"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// BenchmarkSQLQuery runs a query on a database that does nothing and on one
// that does little: without the stand-in, with tracking and with tracking off.
func BenchmarkSQLQuery(b *testing.B) {
	for name, c := range map[string]driver.Connector{
		"nothing": idleSQLConnector{},
		"sqlite":  memoryConnector{new(sqlite.Driver)},
	} {
		b.Run(name+"/plain", func(b *testing.B) { benchmarkSQLQuery(b, sql.OpenDB(c)) })
		b.Run(name+"/tracked", func(b *testing.B) { benchmarkSQLQuery(b, openTrackedSQL(b, c)) })
		b.Run(name+"/off", func(b *testing.B) {
			resources.SetTracking(false)
			defer resources.SetTracking(true)
			benchmarkSQLQuery(b, openTrackedSQL(b, c))
		})
	}
}

func openTrackedSQL(b *testing.B, c driver.Connector) *sql.DB {
	db, err := resources.OpenDB(c, resources.WithTracker(leakcheck.NewTracker()))
	require.NoError(b, err)
	return db
}

func benchmarkSQLQuery(b *testing.B, db *sql.DB) {
	defer db.Close()
	b.ReportAllocs()
	for b.Loop() {
		rows, err := db.Query("SELECT 1")
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

type (
	idleSQLConnector struct{}
	idleSQLConn      struct{}
	idleSQLRows      struct{}
)

func (idleSQLConnector) Connect(context.Context) (driver.Conn, error) { return idleSQLConn{}, nil }
func (idleSQLConnector) Driver() driver.Driver                        { return nil }
func (idleSQLConn) Prepare(string) (driver.Stmt, error)               { return nil, driver.ErrSkip }
func (idleSQLConn) Begin() (driver.Tx, error)                         { return nil, driver.ErrSkip }
func (idleSQLConn) Close() error                                      { return nil }
func (idleSQLConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return idleSQLRows{}, nil
}
func (idleSQLRows) Columns() []string         { return nil }
func (idleSQLRows) Close() error              { return nil }
func (idleSQLRows) Next([]driver.Value) error { return io.EOF }
