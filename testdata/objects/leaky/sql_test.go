package leaky

import (
	"context"
	"database/sql"
	"testing"

	_ "modernc.org/sqlite"
)

// open opens a database in memory and closes it after the test, which waits
// for nothing that is still in use.
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

const numbers = `
	select 1
	union all
	select 2`

func TestRows(t *testing.T) {
	rows, err := open(t).Query(numbers) // leak: rows
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal("no rows")
	}
	kept = append(kept, rows)
}

func TestRowsDropped(t *testing.T) {
	rows, err := open(t).Query(numbers) // leak: rows
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal("no rows")
	}
}

// The context has a goroutine that would close the rows.
func TestRowsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	kept = append(kept, cancel)
	rows, err := open(t).QueryContext(ctx, numbers) // leak: rows
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal("no rows")
	}
}

func TestRowsOfStatement(t *testing.T) {
	stmt, err := open(t).Prepare(numbers)
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	rows, err := stmt.Query() // leak: rows
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal("no rows")
	}
}

func TestRowsOnErrorPath(t *testing.T) {
	if _, err := (Shop{DB: open(t)}).Prices(context.Background()); err == nil {
		t.Fatal("no error")
	}
}

// An error of rows that were never asked for is not seen, nor are they closed.
func TestRowNotScanned(t *testing.T) {
	row := open(t).QueryRow(numbers) // leak: rows
	if err := row.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestStatement(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:") // leak: database
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Prepare(numbers); err != nil { // leak: statement
		t.Fatal(err)
	}
}

// The connection goes back to the pool with the statement.
func TestStatementOfConnection(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:") // leak: database
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.PrepareContext(t.Context(), numbers); err != nil { // leak: statement
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTransaction(t *testing.T) {
	tx, err := open(t).Begin() // leak: transaction
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(numbers); err != nil {
		t.Fatal(err)
	}
}

func TestTransactionOfConnection(t *testing.T) {
	conn, err := open(t).Conn(t.Context()) // leak: connection
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.BeginTx(context.Background(), nil); err != nil { // leak: transaction
		t.Fatal(err)
	}
}

func TestConnection(t *testing.T) {
	conn, err := open(t).Conn(t.Context()) // leak: connection
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, conn)
}

func TestConnectionDropped(t *testing.T) {
	conn, err := open(t).Conn(t.Context()) // leak: connection
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestDatabaseNeverUsed(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:") // leak: database
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, db)
}
