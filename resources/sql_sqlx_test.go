package resources_test

import (
	"path/filepath"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

type sqlxUser struct {
	ID   int    `db:"id"`
	Name string `db:"name"`
}

func TestSqlx(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *sqlx.DB, *leakcheck.Tracker){
		"clean":           testSqlxClean,
		"rows leak":       testSqlxRowsLeak,
		"statement leaks": testSqlxStmtLeaks,
		"transaction":     testSqlxTx,
	} {
		t.Run(name, func(t *testing.T) {
			tr := leakcheck.NewTracker()
			opened, err := resources.OpenSQL("sqlite", filepath.Join(t.TempDir(), "test.db"), resources.WithTracker(tr))
			require.NoError(t, err)
			db := sqlx.NewDb(opened, "sqlite")
			t.Cleanup(func() {
				assert.NoError(t, resources.CheckInUse(db.DB))
				assert.NoError(t, db.Close())
				assert.Empty(t, tr.Live())
			})
			db.MustExec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
			test(t, db, tr)
		})
	}
}

func sqlxInsert(t *testing.T, db *sqlx.DB) {
	t.Helper()
	result, err := db.NamedExec("INSERT INTO users (name) VALUES (:name)", []sqlxUser{{Name: "Ada"}, {Name: "Grace"}})
	require.NoError(t, err)
	id, err := result.LastInsertId()
	require.NoError(t, err)
	require.EqualValues(t, 2, id)
}

func testSqlxClean(t *testing.T, db *sqlx.DB, tr *leakcheck.Tracker) {
	sqlxInsert(t, db)
	var users []sqlxUser
	require.NoError(t, db.Select(&users, "SELECT * FROM users ORDER BY id"))
	assert.Equal(t, []sqlxUser{{1, "Ada"}, {2, "Grace"}}, users)
	var user sqlxUser
	require.NoError(t, db.Get(&user, "SELECT * FROM users WHERE id = ?", 2))
	assert.Equal(t, sqlxUser{2, "Grace"}, user)

	rows, err := db.Queryx("SELECT * FROM users ORDER BY id")
	require.NoError(t, err)
	for rows.Next() {
		require.NoError(t, rows.StructScan(&user))
	}
	require.NoError(t, rows.Err())
	require.NoError(t, db.QueryRowx("SELECT * FROM users WHERE id = 1").StructScan(&user))
	assert.Equal(t, "Ada", user.Name)

	stmt, err := db.Preparex("SELECT * FROM users WHERE name = ?")
	require.NoError(t, err)
	require.NoError(t, stmt.Get(&user, "Grace"))
	require.NoError(t, stmt.Close())
	named, err := db.PrepareNamed("SELECT * FROM users WHERE name = :name")
	require.NoError(t, err)
	require.NoError(t, named.Get(&user, map[string]any{"name": "Ada"}))
	require.NoError(t, named.Close())
	assert.Equal(t, []string{"database"}, sqlKinds(tr))
}

func testSqlxRowsLeak(t *testing.T, db *sqlx.DB, tr *leakcheck.Tracker) {
	sqlxInsert(t, db)
	rows, err := db.NamedQuery("SELECT * FROM users WHERE id = :id", sqlxUser{ID: 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "connection", "rows"}, sqlKinds(tr))
	info := tr.Live()[2]
	assert.Equal(t, "SELECT * FROM users WHERE id = ?", info.Name)
	assert.Contains(t, info.Stack.String(), "sql_sqlx_test.go:")
	require.ErrorContains(t, resources.CheckInUse(db.DB), "1 not returned")
	require.NoError(t, rows.Close())
}

func testSqlxStmtLeaks(t *testing.T, db *sqlx.DB, tr *leakcheck.Tracker) {
	stmt, err := db.Preparex("SELECT * FROM users")
	require.NoError(t, err)
	assert.Equal(t, []string{"database", "statement"}, sqlKinds(tr))
	assert.Contains(t, tr.Live()[1].Stack.String(), "sql_sqlx_test.go:")
	require.NoError(t, stmt.Close())
}

func testSqlxTx(t *testing.T, db *sqlx.DB, tr *leakcheck.Tracker) {
	tx, err := db.Beginx()
	require.NoError(t, err)
	tx.MustExec("INSERT INTO users (name) VALUES (?)", "Ada")
	assert.Equal(t, []string{"database", "connection", "transaction"}, sqlKinds(tr))
	require.NoError(t, tx.Rollback())
	var n int
	require.NoError(t, db.Get(&n, "SELECT count(*) FROM users"))
	assert.Zero(t, n)
	assert.Equal(t, 1, tr.Len())
}
