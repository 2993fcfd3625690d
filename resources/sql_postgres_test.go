//go:build linux

package resources_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func TestPostgreSQL(t *testing.T) {
	server := startPostgres(t)
	t.Run("suite", sqlSuite{"pgx", func(*testing.T) string { return server }}.run)
	t.Run("driver's connection", func(t *testing.T) { testPostgresDriverConn(t, server) })
	t.Run("commit fails", func(t *testing.T) { testPostgresCommitFails(t, server) })
	t.Run("connection breaks", func(t *testing.T) { testPostgresConnectionBreaks(t, server) })
	t.Run("named arguments", func(t *testing.T) { testPostgresNamedArgs(t, server) })
	t.Run("query is cancelled", func(t *testing.T) { testPostgresQueryIsCancelled(t, server) })
	t.Run("connecting fails", func(t *testing.T) { testPostgresConnectingFails(t) })
}

func openPostgres(t *testing.T, dsn string) (*sql.DB, *leakcheck.Tracker) {
	t.Helper()
	tr := leakcheck.NewTracker()
	db, err := resources.OpenSQL("pgx", dsn, resources.WithTracker(tr))
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, resources.CheckInUse(db))
		assert.NoError(t, db.Close())
		assert.Empty(t, tr.Live())
	})
	return db, tr
}

func testPostgresDriverConn(t *testing.T, dsn string) {
	db, _ := openPostgres(t, dsn)
	assert.IsType(t, &stdlib.Driver{}, db.Driver())
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(c any) error {
		var n int
		err := resources.DriverConn(c).(*stdlib.Conn).Conn().QueryRow(t.Context(), "SELECT 42").Scan(&n)
		assert.Equal(t, 42, n)
		return err
	}))
	require.NoError(t, conn.Close())
}

func testPostgresCommitFails(t *testing.T, dsn string) {
	db, tr := openPostgres(t, dsn)
	_, err := db.Exec("DROP TABLE IF EXISTS late; CREATE TABLE late (id INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)")
	require.NoError(t, err)
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("INSERT INTO late VALUES (1), (1)")
	require.NoError(t, err)
	sqlLive(t, tr, "transaction")
	require.ErrorContains(t, tx.Commit(), "duplicate key")
	assert.Equal(t, 1, tr.Len())
}

func testPostgresConnectionBreaks(t *testing.T, dsn string) {
	db, tr := openPostgres(t, dsn)
	tx, err := db.Begin()
	require.NoError(t, err)
	var backend int
	require.NoError(t, tx.QueryRow("SELECT pg_backend_pid()").Scan(&backend))
	_, err = db.Exec("SELECT pg_terminate_backend($1)", backend)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var alive bool
		err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", backend).Scan(&alive)
		return err == nil && !alive
	}, 20*time.Second, time.Millisecond)
	require.Error(t, tx.Commit())
	assert.Equal(t, []string{"database"}, sqlKinds(tr))
	require.NoError(t, db.Ping())
}

func testPostgresNamedArgs(t *testing.T, dsn string) {
	db, tr := openPostgres(t, dsn)
	var n int
	require.NoError(t, db.QueryRow("SELECT @n::int + 1", pgx.NamedArgs{"n": 1}).Scan(&n))
	assert.Equal(t, 2, n)
	var ok bool
	require.NoError(t, db.QueryRow("SELECT 3 = ANY($1)", []int{1, 2, 3}).Scan(&ok), "the driver takes slices")
	assert.True(t, ok)
	assert.Equal(t, 1, tr.Len())
}

func testPostgresQueryIsCancelled(t *testing.T, dsn string) {
	db, tr := openPostgres(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() {
		_, err := db.ExecContext(ctx, "SELECT pg_sleep(60) /* to be cancelled */")
		done <- err
	}()
	require.Eventually(t, func() bool {
		var runs bool
		err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%to be cancelled%' AND pid <> pg_backend_pid())").Scan(&runs)
		return err == nil && runs
	}, 20*time.Second, time.Millisecond)
	assert.Contains(t, sqlLive(t, tr, "connection").Stack.String(), "testPostgresQueryIsCancelled")
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	sqlIdle(t, db)
	assert.Equal(t, 1, tr.Len())
}

func testPostgresConnectingFails(t *testing.T) {
	db, tr := openPostgres(t, "host="+t.TempDir()+" user=nobody")
	require.ErrorContains(t, db.Ping(), "failed to connect")
	assert.Equal(t, 1, tr.Len())
}

// startPostgres starts a server with an empty database, which ends with the
// test, and returns its data source name.
func startPostgres(t *testing.T) string {
	t.Helper()
	initdb, postgres := postgresProgram(t, "initdb"), postgresProgram(t, "postgres")
	// The path of a Unix socket has at most 107 bytes.
	dir, err := os.MkdirTemp("", "pg")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	as := unprivileged(t, dir)
	data := filepath.Join(dir, "data")

	init := exec.Command(initdb, "-D", data, "-U", "test", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8")
	init.Dir, init.SysProcAttr = dir, as
	out, err := init.CombinedOutput()
	require.NoError(t, err, "%s", out)

	var log bytes.Buffer
	server := exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-F")
	server.Dir, server.SysProcAttr = dir, as
	server.Stdout, server.Stderr = &log, &log
	ended := startWithTest(t, server)
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // fast shutdown: it disconnects who is left
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = server.Process.Kill()
			<-ended
			assert.Fail(t, "PostgreSQL did not stop", log.String())
		}
	})
	dsn := fmt.Sprintf("host=%s user=test database=postgres sslmode=disable", dir)
	awaitPostgres(t, dsn, ended, &log)
	return dsn
}

// startWithTest starts a server that shuts down if the test binary dies, and
// returns what tells that it ended.
func startWithTest(t *testing.T, server *exec.Cmd) <-chan error {
	t.Helper()
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		// The signal comes when the thread that started the server ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		attr := *server.SysProcAttr
		attr.Pdeathsig = syscall.SIGINT
		server.SysProcAttr = &attr
		err := server.Start()
		started <- err
		if err == nil {
			ended <- server.Wait()
		}
	}()
	require.NoError(t, <-started)
	return ended
}

// postgresProgram finds a program of the server, which Debian keeps out of the
// path.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(paths) == 0 {
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	return slices.Max(paths)
}

// unprivileged gives dir to a user without rights if this one is root, as whom
// PostgreSQL refuses to run, and returns how to be that user.
func unprivileged(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	attr := &syscall.SysProcAttr{}
	if os.Getuid() != 0 {
		return attr
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, int(uid), int(gid)))
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr
}

// awaitPostgres connects until the server accepts it.
func awaitPostgres(t *testing.T, dsn string, ended <-chan error, log *bytes.Buffer) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		conn, err := pgx.Connect(ctx, dsn)
		cancel()
		if err == nil {
			require.NoError(t, conn.Close(t.Context()))
			return
		}
		select {
		case <-ended:
			require.FailNow(t, "PostgreSQL did not start", log.String())
		default:
		}
		require.True(t, time.Now().Before(deadline), "PostgreSQL is not ready: %v", err)
		time.Sleep(5 * time.Millisecond)
	}
}
