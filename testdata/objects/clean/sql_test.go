package clean

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	_ "modernc.org/sqlite"
)

// open opens a database in memory, of one connection, and closes it after the
// test.
func open(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

const (
	numbers = "select 1 union all select 2"
	mixed   = "select 1 union all select 'two'"
)

// keep keeps v from being collected.
func keep[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	kept = append(kept, v)
	return v
}

func TestRowsClosed(t *testing.T) {
	rows := keep(open(t).Query(numbers))
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRowsReadToTheirEnd(t *testing.T) {
	rows := keep(open(t).Query(numbers))
	n := 0
	for rows.Next() {
		n++
	}
	if n != 2 {
		t.Error(n, rows.Err())
	}
}

func TestRowsWithoutAnother(t *testing.T) {
	rows := keep(open(t).Query(numbers))
	if rows.NextResultSet() {
		t.Error("another result set")
	}
}

func TestRowsBroken(t *testing.T) {
	rows := keep(open(t).Query("select abs(n) from (select 1 as n union all select -9223372036854775808)"))
	for rows.Next() {
	}
	if rows.Err() == nil {
		t.Error("no error")
	}
}

func TestRowScanned(t *testing.T) {
	db := open(t)
	var n int
	if err := db.QueryRow(numbers).Scan(&n); err != nil {
		t.Error(err)
	}
	if err := db.QueryRow(numbers + " limit 0").Scan(&n); !errors.Is(err, sql.ErrNoRows) {
		t.Error(err)
	}
	if err := db.QueryRow("select 'two'").Scan(&n); err == nil {
		t.Error("no error")
	}
	if err := db.QueryRow("not a query").Scan(&n); err == nil {
		t.Error("no error")
	}
}

func TestRowsOfCancelledQuery(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rows := keep(open(t).QueryContext(ctx, numbers))
	if !rows.Next() {
		t.Error(rows.Err())
	}
}

// The test's own context is over before its cleanups run.
func TestRowsOfTestContext(t *testing.T) {
	rows := keep(open(t).QueryContext(t.Context(), numbers))
	if !rows.Next() {
		t.Error(rows.Err())
	}
}

func TestRowsOfTransaction(t *testing.T) {
	db := open(t)
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		tx := keep(db.Begin())
		rows := keep(tx.Query(numbers))
		if !rows.Next() {
			t.Error(rows.Err())
		}
		if err := end(tx); err != nil {
			t.Error(err)
		}
	}
}

func TestStatementClosed(t *testing.T) {
	stmt := keep(open(t).Prepare(numbers))
	var n int
	if err := stmt.QueryRow().Scan(&n); err != nil {
		t.Error(err)
	}
	if err := stmt.Close(); err != nil {
		t.Error(err)
	}
}

func TestStatementOfClosedDatabase(t *testing.T) {
	keep(open(t).Prepare(numbers))
}

func TestStatementOfClosedDatabaseDropped(t *testing.T) {
	if _, err := open(t).Prepare(numbers); err != nil {
		t.Fatal(err)
	}
}

func TestStatementOfTransaction(t *testing.T) {
	db := open(t)
	stmt := keep(db.Prepare(numbers))
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		tx := keep(db.Begin())
		keep(tx.Prepare(numbers))
		kept = append(kept, tx.Stmt(stmt))
		if err := end(tx); err != nil {
			t.Error(err)
		}
	}
	if err := stmt.Close(); err != nil {
		t.Error(err)
	}
}

func TestStatementOfClosedConnection(t *testing.T) {
	db := open(t)
	conn := keep(db.Conn(t.Context()))
	keep(conn.PrepareContext(t.Context(), numbers))
	broken := conn.Raw(func(any) error { return driver.ErrBadConn })
	if !errors.Is(broken, driver.ErrBadConn) {
		t.Error(broken)
	}
}

func TestStatementThatFails(t *testing.T) {
	db := open(t)
	if _, err := db.Prepare("not a query"); err == nil {
		t.Error("no error")
	}
	if _, err := db.Exec("create table numbers (n integer)"); err != nil {
		t.Error(err)
	}
	if _, err := db.Exec("insert into numbers values (?), (?)", 1, 2); err != nil {
		t.Error(err)
	}
}

func TestTransactionEnded(t *testing.T) {
	db := open(t)
	if err := keep(db.Begin()).Commit(); err != nil {
		t.Error(err)
	}
	tx := keep(db.Begin())
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		t.Error(err)
	}
}

func TestTransactionOfCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	keep(open(t).BeginTx(ctx, nil))
}

func TestTransactionThatFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := open(t).BeginTx(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestConnectionClosed(t *testing.T) {
	conn := keep(open(t).Conn(t.Context()))
	tx := keep(conn.BeginTx(t.Context(), nil))
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestConnectionOfClosedDatabase(t *testing.T) {
	db := open(t)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if _, err := db.Conn(t.Context()); err == nil {
		t.Error("no error")
	}
}

// A database that is closed twice is closed.
func TestDatabaseClosed(t *testing.T) {
	db := keep(sql.Open("sqlite", ":memory:"))
	for range 2 {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
