package resources

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// OpenSQL is [sql.Open] for a database that is tracked: itself as kind
// "database" until its Close, and what is opened through it as
//
//   - "connection": a connection while it is out of the pool, for a [sql.Conn], for
//     rows or for a transaction. An idle one in the pool is not in use and not
//     tracked. One that the pool opened by itself, for somebody who waited, is
//     known from its first use on.
//   - "rows": the result of a query until it is closed, which database/sql does
//     at the end of the iteration too. Its name is the query.
//   - "statement": a prepared statement on each connection that has it, until it is
//     closed or the connection is. Its name is the query.
//   - "transaction": a transaction until Commit or Rollback, failing ones included.
//
// All of that is seen by the driver, so packages on top of database/sql work
// unchanged. Rows that nobody closed are listed with the connection they keep.
// The database is named after the driver, or by [WithName]; a connection and its
// transaction after the database, with a number. The data source name, which
// may hold a password, is never kept for a listing.
//
// Errors are those of sql.Open. A driver that implements
// [driver.DriverContext] is asked for a connector twice; no connection is
// opened. See [DriverConn] for what [sql.Conn.Raw] passes.
func OpenSQL(driverName, dataSourceName string, opts ...Option) (*sql.DB, error) {
	d, err := registeredDriver(driverName, dataSourceName)
	if err != nil {
		return nil, err
	}
	c, err := connectorOf(d, dataSourceName)
	if err != nil {
		return nil, err
	}
	return openDB(c, driverName, opts), nil
}

// registeredDriver returns the driver of that name, which database/sql tells of
// an open database only.
func registeredDriver(name, dataSourceName string) (driver.Driver, error) {
	db, err := sql.Open(name, dataSourceName)
	if err != nil {
		return nil, err
	}
	d := db.Driver()
	_ = db.Close() // it has no connection
	if tracked, ok := d.(*sqlDriver); ok {
		return tracked.driver, nil
	}
	if isNilDriver(d) {
		return nil, fmt.Errorf("resources: opening a database: the connectors of the driver %q do not tell their driver: use OpenDB with one of them", name)
	}
	return d, nil
}

// OpenDB is [sql.OpenDB] for a database that is tracked as by [OpenSQL]. It is
// named after the type of the driver unless [WithName] is given. The error is
// not nil if c is nil.
func OpenDB(c driver.Connector, opts ...Option) (*sql.DB, error) {
	if isNilDriver(c) {
		return nil, errors.New("resources: opening a database: the connector is nil: pass the one that the driver returned, after the error check")
	}
	return openDB(c, driverNameOf(c), opts), nil
}

func openDB(c driver.Connector, name string, opts []Option) *sql.DB {
	tracked := newSQLConnector(c, name, opts)
	db := sql.OpenDB(tracked)
	tracked.register(db)
	return db
}

// driverNameOf returns what a database is called whose driver has no name.
func driverNameOf(c driver.Connector) string { return fmt.Sprintf("%T", c.Driver()) }
