package resources

import (
	"database/sql/driver"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// A sqlRows is the result of a query. It has all optional interfaces: for each
// one that the driver's rows have not got, it answers with what database/sql
// assumes then.
type sqlRows struct {
	handle
	rows driver.Rows
}

// opened returns the stand-in for rows.
func (c *sqlConn) opened(rows driver.Rows, query string, err error) (driver.Rows, error) {
	if err != nil || rows == nil || !tracks() {
		return rows, err
	}
	r := &sqlRows{rows: rows}
	r.enter(r, nil, queryName(query), "rows", c.connector.inner)
	return r, nil
}

// Close closes the rows.
func (r *sqlRows) Close() error {
	err := r.rows.Close()
	r.close(r, err)
	return err
}

// Columns returns the names of the columns.
func (r *sqlRows) Columns() []string { return r.rows.Columns() }

// Next reads a row into dest.
func (r *sqlRows) Next(dest []driver.Value) error { return r.rows.Next(dest) }

// HasNextResultSet reports whether another result follows.
func (r *sqlRows) HasNextResultSet() bool {
	rows, ok := r.rows.(driver.RowsNextResultSet)
	return ok && rows.HasNextResultSet()
}

// NextResultSet moves on to the next result.
func (r *sqlRows) NextResultSet() error {
	if rows, ok := r.rows.(driver.RowsNextResultSet); ok {
		return rows.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeScanType returns the type to scan a column into.
func (r *sqlRows) ColumnTypeScanType(index int) reflect.Type {
	if rows, ok := r.rows.(driver.RowsColumnTypeScanType); ok {
		return rows.ColumnTypeScanType(index)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeDatabaseTypeName returns what the database calls the type.
func (r *sqlRows) ColumnTypeDatabaseTypeName(index int) string {
	if rows, ok := r.rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return rows.ColumnTypeDatabaseTypeName(index)
	}
	return ""
}

// ColumnTypeLength returns the length of a column that has one.
func (r *sqlRows) ColumnTypeLength(index int) (length int64, ok bool) {
	if rows, ok := r.rows.(driver.RowsColumnTypeLength); ok {
		return rows.ColumnTypeLength(index)
	}
	return 0, false
}

// ColumnTypeNullable reports whether a column may be null, if that is known.
func (r *sqlRows) ColumnTypeNullable(index int) (nullable, ok bool) {
	if rows, ok := r.rows.(driver.RowsColumnTypeNullable); ok {
		return rows.ColumnTypeNullable(index)
	}
	return false, false
}

// ColumnTypePrecisionScale returns the size of a decimal column.
func (r *sqlRows) ColumnTypePrecisionScale(index int) (precision, scale int64, ok bool) {
	if rows, ok := r.rows.(driver.RowsColumnTypePrecisionScale); ok {
		return rows.ColumnTypePrecisionScale(index)
	}
	return 0, 0, false
}

// queryLimit is the length of a query in a listing, in bytes.
const queryLimit = 80

// queryName returns a query on one line, shortened to queryLimit.
func queryName(query string) string {
	var b strings.Builder
	b.Grow(min(len(query), 2*queryLimit+2))
	for word := range strings.FieldsSeq(query) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word[:min(len(word), queryLimit+1)])
		if b.Len() > queryLimit {
			return shortQuery(b.String())
		}
	}
	return b.String()
}

// shortQuery cuts s, which is longer than queryLimit, between two characters.
func shortQuery(s string) string {
	end := queryLimit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSuffix(s[:end], " ") + "…"
}
