//lint:file-ignore SA1019 What old drivers have is to be compared.

package resources_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// A sqlRecorder is a driver that writes down what is called. Its connections,
// statements and rows have the optional interfaces that the functions give them.
type sqlRecorder struct {
	conn  func(*sqlRecorder) driver.Conn
	stmt  func(plainSQLStmt) driver.Stmt
	rows  func(*sqlRecorder) driver.Rows
	mu    sync.Mutex
	calls []string
	bad   int // how many queries named bad fail yet
}

func (r *sqlRecorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

func (r *sqlRecorder) noted(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c == call {
			return true
		}
	}
	return false
}

func (r *sqlRecorder) Connect(context.Context) (driver.Conn, error) {
	r.note("connect")
	return r.conn(r), nil
}

func (r *sqlRecorder) Driver() driver.Driver { return nil }

// verdict fails the queries whose text says so.
func (r *sqlRecorder) verdict(query string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case strings.HasPrefix(query, "bad") && r.bad > 0:
		r.bad--
		return driver.ErrBadConn
	case strings.HasPrefix(query, "fail"):
		return errors.New("failed as told")
	case strings.HasPrefix(query, "skip"):
		return driver.ErrSkip
	}
	return nil
}

func sqlArgs(args any) string {
	switch args := args.(type) {
	case []driver.NamedValue:
		var b strings.Builder
		for _, a := range args {
			fmt.Fprintf(&b, "[%s %d %T %v]", a.Name, a.Ordinal, a.Value, a.Value)
		}
		return b.String()
	case []driver.Value:
		var b strings.Builder
		for i, a := range args {
			fmt.Fprintf(&b, "[ %d %T %v]", i+1, a, a)
		}
		return b.String()
	}
	return ""
}

type (
	plainSQLConn  struct{ r *sqlRecorder }
	pings         struct{ r *sqlRecorder }
	execs         struct{ r *sqlRecorder }
	execsContext  struct{ r *sqlRecorder }
	queries       struct{ r *sqlRecorder }
	queryContext  struct{ r *sqlRecorder }
	preparesCtx   struct{ r *sqlRecorder }
	beginsContext struct{ r *sqlRecorder }
	resets        struct{ r *sqlRecorder }
	validates     struct{ r *sqlRecorder }
	checks        struct{ r *sqlRecorder }
)

func (c plainSQLConn) Prepare(query string) (driver.Stmt, error) {
	c.r.note("prepare %s", query)
	return c.r.stmt(plainSQLStmt{c.r, query}), nil
}
func (c plainSQLConn) Close() error { c.r.note("close conn"); return nil }
func (c plainSQLConn) Begin() (driver.Tx, error) {
	c.r.note("begin")
	return plainSQLTx(c), nil
}

func (c pings) Ping(context.Context) error { c.r.note("ping"); return nil }

func (c execs) Exec(query string, args []driver.Value) (driver.Result, error) {
	c.r.note("exec %s %s", query, sqlArgs(args))
	return driver.RowsAffected(1), c.r.verdict(query)
}

func (c execsContext) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.r.note("exec context %s %s", query, sqlArgs(args))
	return driver.RowsAffected(2), c.r.verdict(query)
}

func (c queries) Query(query string, args []driver.Value) (driver.Rows, error) {
	c.r.note("query %s %s", query, sqlArgs(args))
	return c.r.rows(c.r), c.r.verdict(query)
}

func (c queryContext) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.r.note("query context %s %s", query, sqlArgs(args))
	return c.r.rows(c.r), c.r.verdict(query)
}

func (c preparesCtx) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	c.r.note("prepare context %s", query)
	return c.r.stmt(plainSQLStmt{c.r, query}), nil
}

func (c beginsContext) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.r.note("begin context %v", opts)
	return plainSQLTx(c), nil
}

func (c resets) ResetSession(context.Context) error { c.r.note("reset"); return nil }
func (c validates) IsValid() bool                   { c.r.note("is valid"); return true }
func (c checks) CheckNamedValue(v *driver.NamedValue) error {
	return checkSQLArg(c.r, "conn", v)
}

// checkSQLArg takes a point for what it is, drops what is to be removed and leaves
// the rest.
func checkSQLArg(r *sqlRecorder, who string, v *driver.NamedValue) error {
	r.note("%s checks %s %d %v", who, v.Name, v.Ordinal, v.Value)
	switch value := v.Value.(type) {
	case sqlPoint:
		v.Value = fmt.Sprint(who, value.x)
		return nil
	case sqlRemove:
		return driver.ErrRemoveArgument
	}
	return driver.ErrSkip
}

type (
	sqlPoint  struct{ x int }
	sqlRemove struct{}
)

type plainSQLTx struct{ r *sqlRecorder }

func (t plainSQLTx) Commit() error   { t.r.note("commit"); return nil }
func (t plainSQLTx) Rollback() error { t.r.note("rollback"); return nil }

type plainSQLStmt struct {
	r     *sqlRecorder
	query string
}

func (s plainSQLStmt) Close() error  { s.r.note("close stmt %s", s.query); return nil }
func (s plainSQLStmt) NumInput() int { return strings.Count(s.query, "?") }
func (s plainSQLStmt) Exec(args []driver.Value) (driver.Result, error) {
	s.r.note("stmt exec %s %s", s.query, sqlArgs(args))
	return driver.ResultNoRows, s.r.verdict(strings.TrimPrefix(s.query, "skip "))
}
func (s plainSQLStmt) Query(args []driver.Value) (driver.Rows, error) {
	s.r.note("stmt query %s %s", s.query, sqlArgs(args))
	return s.r.rows(s.r), s.r.verdict(strings.TrimPrefix(s.query, "skip "))
}

type (
	stmtContext  struct{ plainSQLStmt }
	stmtChecks   struct{ plainSQLStmt }
	stmtConverts struct{ plainSQLStmt }
	stmtBoth     struct {
		stmtConverts
		checks stmtChecks
	}
	stmtAll struct {
		stmtContext
		both stmtBoth
	}
)

func (s stmtContext) ExecContext(_ context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.r.note("stmt exec context %s %s", s.query, sqlArgs(args))
	return driver.RowsAffected(3), s.r.verdict(strings.TrimPrefix(s.query, "skip "))
}
func (s stmtContext) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.r.note("stmt query context %s %s", s.query, sqlArgs(args))
	return s.r.rows(s.r), s.r.verdict(strings.TrimPrefix(s.query, "skip "))
}
func (s stmtChecks) CheckNamedValue(v *driver.NamedValue) error { return checkSQLArg(s.r, "stmt", v) }
func (s stmtConverts) ColumnConverter(index int) driver.ValueConverter {
	s.r.note("convert %d", index)
	return sqlPointConverter{}
}
func (s stmtBoth) CheckNamedValue(v *driver.NamedValue) error { return s.checks.CheckNamedValue(v) }
func (s stmtAll) CheckNamedValue(v *driver.NamedValue) error  { return s.both.CheckNamedValue(v) }
func (s stmtAll) ColumnConverter(index int) driver.ValueConverter {
	return s.both.ColumnConverter(index)
}

type sqlPointConverter struct{}

func (sqlPointConverter) ConvertValue(v any) (driver.Value, error) {
	if p, ok := v.(sqlPoint); ok {
		return int64(p.x), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

type plainSQLRows struct {
	r    *sqlRecorder
	left *int
}

func (r plainSQLRows) Columns() []string { return []string{"a", "b"} }
func (r plainSQLRows) Close() error      { r.r.note("close rows"); return nil }
func (r plainSQLRows) Next(dest []driver.Value) error {
	if *r.left == 0 {
		return io.EOF
	}
	*r.left--
	dest[0], dest[1] = int64(*r.left), "b"
	return nil
}

type (
	rowsSets struct {
		plainSQLRows
		sets *int
	}
	rowsScanType  struct{ plainSQLRows }
	rowsTypeName  struct{ plainSQLRows }
	rowsLength    struct{ plainSQLRows }
	rowsNullable  struct{ plainSQLRows }
	rowsPrecision struct{ plainSQLRows }
	rowsAll       struct {
		rowsSets
		driver.RowsColumnTypeScanType
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeLength
		driver.RowsColumnTypeNullable
		driver.RowsColumnTypePrecisionScale
	}
)

func (r rowsSets) HasNextResultSet() bool { return *r.sets > 0 }
func (r rowsSets) NextResultSet() error {
	if *r.sets == 0 {
		return io.EOF
	}
	*r.sets--
	*r.left = 1
	return nil
}
func (rowsScanType) ColumnTypeScanType(int) reflect.Type                  { return reflect.TypeFor[int64]() }
func (rowsTypeName) ColumnTypeDatabaseTypeName(int) string                { return "NUMBER" }
func (rowsLength) ColumnTypeLength(i int) (int64, bool)                   { return int64(i), true }
func (rowsNullable) ColumnTypeNullable(i int) (bool, bool)                { return i == 0, true }
func (rowsPrecision) ColumnTypePrecisionScale(i int) (int64, int64, bool) { return int64(i), 2, true }
func (r rowsAll) Columns() []string                                       { return r.rowsSets.Columns() }
func (r rowsAll) Close() error                                            { return r.rowsSets.Close() }
func (r rowsAll) Next(dest []driver.Value) error                          { return r.rowsSets.Next(dest) }

func newPlainSQLRows(r *sqlRecorder) plainSQLRows {
	n := 2
	return plainSQLRows{r, &n}
}

func newRowsSets(r *sqlRecorder) rowsSets {
	n := 1
	return rowsSets{newPlainSQLRows(r), &n}
}

// connVariants are connections without any optional interface, with each one
// alone, with all, with all but each, and all that run queries themselves.
var connVariants = map[string]func(*sqlRecorder) driver.Conn{
	"none": func(r *sqlRecorder) driver.Conn { return plainSQLConn{r} },
	"all": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
			execsContext
			queryContext
			preparesCtx
			beginsContext
			resets
			validates
			checks
		}{plainSQLConn{r}, pings{r}, execsContext{r}, queryContext{r}, preparesCtx{r}, beginsContext{r}, resets{r}, validates{r}, checks{r}}
	},
	"ping": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
		}{plainSQLConn{r}, pings{r}}
	},
	"exec": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execs
		}{plainSQLConn{r}, execs{r}}
	},
	"exec context": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execsContext
		}{plainSQLConn{r}, execsContext{r}}
	},
	"query": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			queries
		}{plainSQLConn{r}, queries{r}}
	},
	"query context": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			queryContext
		}{plainSQLConn{r}, queryContext{r}}
	},
	"exec, query": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execs
			queries
		}{plainSQLConn{r}, execs{r}, queries{r}}
	},
	"exec, query context": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execs
			queryContext
		}{plainSQLConn{r}, execs{r}, queryContext{r}}
	},
	"exec context, query": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execsContext
			queries
		}{plainSQLConn{r}, execsContext{r}, queries{r}}
	},
	"exec context, query context, check": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			execsContext
			queryContext
			checks
		}{plainSQLConn{r}, execsContext{r}, queryContext{r}, checks{r}}
	},
	"prepare context": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			preparesCtx
		}{plainSQLConn{r}, preparesCtx{r}}
	},
	"begin context": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			beginsContext
		}{plainSQLConn{r}, beginsContext{r}}
	},
	"check": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			checks
		}{plainSQLConn{r}, checks{r}}
	},
	"reset": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			resets
		}{plainSQLConn{r}, resets{r}}
	},
	"valid": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			validates
		}{plainSQLConn{r}, validates{r}}
	},
	"reset, valid": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			resets
			validates
		}{plainSQLConn{r}, resets{r}, validates{r}}
	},
	"all but valid": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
			execsContext
			queryContext
			preparesCtx
			beginsContext
			resets
			checks
		}{plainSQLConn{r}, pings{r}, execsContext{r}, queryContext{r}, preparesCtx{r}, beginsContext{r}, resets{r}, checks{r}}
	},
	"all but reset": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
			execsContext
			queryContext
			preparesCtx
			beginsContext
			validates
			checks
		}{plainSQLConn{r}, pings{r}, execsContext{r}, queryContext{r}, preparesCtx{r}, beginsContext{r}, validates{r}, checks{r}}
	},
	"all but check": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
			execsContext
			queryContext
			preparesCtx
			beginsContext
			resets
			validates
		}{plainSQLConn{r}, pings{r}, execsContext{r}, queryContext{r}, preparesCtx{r}, beginsContext{r}, resets{r}, validates{r}}
	},
	"all but queries": func(r *sqlRecorder) driver.Conn {
		return struct {
			plainSQLConn
			pings
			preparesCtx
			beginsContext
			resets
			validates
			checks
		}{plainSQLConn{r}, pings{r}, preparesCtx{r}, beginsContext{r}, resets{r}, validates{r}, checks{r}}
	},
}

var stmtVariants = map[string]func(plainSQLStmt) driver.Stmt{
	"none":    func(s plainSQLStmt) driver.Stmt { return s },
	"context": func(s plainSQLStmt) driver.Stmt { return stmtContext{s} },
	"check":   func(s plainSQLStmt) driver.Stmt { return stmtChecks{s} },
	"convert": func(s plainSQLStmt) driver.Stmt { return stmtConverts{s} },
	"both":    func(s plainSQLStmt) driver.Stmt { return stmtBoth{stmtConverts{s}, stmtChecks{s}} },
	"all": func(s plainSQLStmt) driver.Stmt {
		return stmtAll{stmtContext{s}, stmtBoth{stmtConverts{s}, stmtChecks{s}}}
	},
}

var rowsVariants = map[string]func(*sqlRecorder) driver.Rows{
	"none":      func(r *sqlRecorder) driver.Rows { return newPlainSQLRows(r) },
	"sets":      func(r *sqlRecorder) driver.Rows { return newRowsSets(r) },
	"scan type": func(r *sqlRecorder) driver.Rows { return rowsScanType{newPlainSQLRows(r)} },
	"type name": func(r *sqlRecorder) driver.Rows { return rowsTypeName{newPlainSQLRows(r)} },
	"length":    func(r *sqlRecorder) driver.Rows { return rowsLength{newPlainSQLRows(r)} },
	"nullable":  func(r *sqlRecorder) driver.Rows { return rowsNullable{newPlainSQLRows(r)} },
	"precision": func(r *sqlRecorder) driver.Rows { return rowsPrecision{newPlainSQLRows(r)} },
	"all": func(r *sqlRecorder) driver.Rows {
		p := newPlainSQLRows(r)
		n := 1
		return rowsAll{rowsSets{p, &n}, rowsScanType{p}, rowsTypeName{p}, rowsLength{p}, rowsNullable{p}, rowsPrecision{p}}
	},
}

// A sqlTranscript is what a user of a database sees, and its driver.
type sqlTranscript struct {
	t  *testing.T
	r  *sqlRecorder
	db *sql.DB
}

func (x *sqlTranscript) say(format string, args ...any) { x.r.note("→ "+format, args...) }

// use does with the database all that its driver may answer in several ways.
func (x *sqlTranscript) use() {
	x.say("ping %v", x.db.Ping())
	for _, args := range [][]any{{1}, {nil}, {"s", 2}, {sqlPoint{3}}, {sqlRemove{}}, {sqlRemove{}, 4}, {sql.Named("n", 5)}, {sql.NullInt64{}}, {struct{ unknown bool }{}}} {
		x.execAndQuery("run ?", args...)
	}
	for _, query := range []string{"plain", "fail", "skip", "skip ?", "skip fail"} {
		x.execAndQuery(query)
		x.execAndQuery(query, sqlPoint{1})
	}
	x.r.bad = 1
	x.execAndQuery("bad once")
	x.r.bad = 4
	x.execAndQuery("bad often")
	x.prepared()
	x.transactions()
	x.cancelled()
	x.cancelledTransaction()
	x.cancelledTransactionOfConn()
	x.say("close %v", x.db.Close())
}

func (x *sqlTranscript) execAndQuery(query string, args ...any) {
	result, err := x.db.Exec(query, args...)
	x.result(result, err)
	rows, err := x.db.Query(query, args...)
	x.rows(rows, err)
}

func (x *sqlTranscript) result(result sql.Result, err error) {
	if err != nil {
		x.say("error %v", err)
		return
	}
	n, err := result.RowsAffected()
	id, err2 := result.LastInsertId()
	x.say("affected %d %v, id %d %v", n, err, id, err2)
}

func (x *sqlTranscript) rows(rows *sql.Rows, err error) {
	if err != nil {
		x.say("error %v", err)
		return
	}
	types, err := rows.ColumnTypes()
	require.NoError(x.t, err)
	for _, c := range types {
		length, ok := c.Length()
		precision, scale, ok2 := c.DecimalSize()
		nullable, ok3 := c.Nullable()
		x.say("column %s %v %q %d %t %d %d %t %t %t", c.Name(), c.ScanType(), c.DatabaseTypeName(), length, ok, precision, scale, ok2, nullable, ok3)
	}
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			var a int
			var b string
			x.say("scan %v %d %s", rows.Scan(&a, &b), a, b)
		}
		x.say("end of a result, %v", rows.Err())
	}
	x.say("end %v %v", rows.Err(), rows.Close())
}

func (x *sqlTranscript) prepared() {
	stmt, err := x.db.Prepare("prepared ?")
	require.NoError(x.t, err)
	for _, args := range [][]any{{1}, {}, {1, 2}, {sqlPoint{3}}, {sqlRemove{}}, {sql.Named("n", 5)}} {
		result, err := stmt.Exec(args...)
		x.result(result, err)
		rows, err := stmt.Query(args...)
		x.rows(rows, err)
	}
	x.say("close %v %v", stmt.Close(), stmt.Close())
}

func (x *sqlTranscript) transactions() {
	for _, opts := range []*sql.TxOptions{nil, {}, {Isolation: sql.LevelSerializable}, {ReadOnly: true}} {
		tx, err := x.db.BeginTx(context.Background(), opts)
		if err != nil {
			x.say("error %v", err)
			continue
		}
		_, err = tx.Exec("in transaction")
		x.say("exec %v, commit %v, rollback %v", err, tx.Commit(), tx.Rollback())
	}
	tx, err := x.db.Begin()
	require.NoError(x.t, err)
	x.say("rollback %v, open %d", tx.Rollback(), x.db.Stats().OpenConnections)
}

// cancelled calls the driver with a context that is done: of a Conn,
// database/sql does not look at it.
func (x *sqlTranscript) cancelled() {
	conn, err := x.db.Conn(context.Background())
	require.NoError(x.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = conn.ExecContext(ctx, "exec")
	x.say("exec %v", err)
	stmt, err := conn.PrepareContext(ctx, "prepare")
	x.say("prepare %v", err)
	if err == nil {
		x.say("close %v", stmt.Close())
	}
	x.say("close %v", conn.Close())
}

func (x *sqlTranscript) cancelledTransaction() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tx, err := x.db.BeginTx(ctx, nil)
	require.NoError(x.t, err)
	_, err = tx.Prepare("in a cancelled transaction")
	require.NoError(x.t, err)
	cancel()
	require.Eventually(x.t, func() bool { return x.db.Stats().InUse == 0 }, 10*time.Second, 50*time.Microsecond)
	x.say("open %d, commit %v", x.settled(), errors.Is(tx.Commit(), context.Canceled) || errors.Is(tx.Commit(), sql.ErrTxDone))
}

// settled waits for a connection on its way out to be closed.
func (x *sqlTranscript) settled() int {
	want := 0
	if x.keeps() {
		want = 1
	}
	require.Eventually(x.t, func() bool { return x.db.Stats().OpenConnections == want }, 10*time.Second, 50*time.Microsecond,
		"%d connections should be open", want)
	return want
}

// keeps reports whether database/sql keeps the plain connection.
func (x *sqlTranscript) keeps() bool {
	c := x.r.conn(x.r)
	_, resets := c.(driver.SessionResetter)
	_, validates := c.(driver.Validator)
	return resets && validates
}

func (x *sqlTranscript) cancelledTransactionOfConn() {
	conn, err := x.db.Conn(context.Background())
	require.NoError(x.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tx, err := conn.BeginTx(ctx, nil)
	require.NoError(x.t, err)
	_, err = tx.Prepare("in a cancelled transaction of a connection")
	require.NoError(x.t, err)
	cancel()
	require.Eventually(x.t, func() bool { return x.r.noted("close stmt in a cancelled transaction of a connection") }, 10*time.Second, 50*time.Microsecond)
	open := x.settled()
	x.say("open %d, ping %v, close %v", open, conn.PingContext(context.Background()), conn.Close())
}

func recordSQL(t *testing.T, r *sqlRecorder, db func(driver.Connector) *sql.DB) []string {
	t.Helper()
	x := &sqlTranscript{t: t, r: r, db: db(r)}
	x.use()
	return r.calls
}

func TestSQLOptionalInterfaces(t *testing.T) {
	for conn, newConn := range connVariants {
		for stmt, newStmt := range stmtVariants {
			for rows, newRows := range rowsVariants {
				if rows != "none" && rows != "all" && (conn != "none" && conn != "all" || stmt != "none") {
					continue // rows do not depend on how they came about
				}
				t.Run(fmt.Sprintf("conn=%s/stmt=%s/rows=%s", conn, stmt, rows), func(t *testing.T) {
					plain := recordSQL(t, &sqlRecorder{conn: newConn, stmt: newStmt, rows: newRows}, sql.OpenDB)

					tr := leakcheck.NewTracker()
					tracked := recordSQL(t, &sqlRecorder{conn: newConn, stmt: newStmt, rows: newRows}, func(c driver.Connector) *sql.DB {
						db, err := resources.OpenDB(c, resources.WithTracker(tr))
						require.NoError(t, err)
						return db
					})
					assert.Equal(t, plain, tracked)
					assert.Zero(t, tr.Len(), "%v", tr.Live())
				})
			}
		}
	}
}
