package resources

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
)

// Driver returns a driver for [sql.Register] whose databases are tracked as by
// [OpenSQL], for programs that can change the name they pass to sql.Open but
// not the call. If d is nil, all that is opened with the driver fails.
func Driver(d driver.Driver, opts ...Option) driver.Driver {
	return &sqlDriver{d, opts}
}

var errNilDriver = errors.New("resources: opening a database: the driver is nil: pass one to resources.Driver")

type sqlDriver struct {
	driver driver.Driver
	opts   []Option
}

// OpenConnector is called by [sql.Open].
func (d *sqlDriver) OpenConnector(dataSourceName string) (driver.Connector, error) {
	if isNilDriver(d.driver) {
		return nil, errNilDriver
	}
	c, err := connectorOf(d.driver, dataSourceName)
	if err != nil {
		return nil, err
	}
	return newSQLConnector(c, fmt.Sprintf("%T", d.driver), d.opts), nil
}

// Open opens a connection that belongs to no database. It is tracked until its
// Close.
func (d *sqlDriver) Open(dataSourceName string) (driver.Conn, error) {
	if isNilDriver(d.driver) {
		return nil, errNilDriver
	}
	conn, err := d.driver.Open(dataSourceName)
	if err != nil {
		return nil, err
	}
	c := &sqlConnector{name: fmt.Sprintf("%T", d.driver), inner: trackerOnly(d.opts)}
	return c.wrap(conn), nil
}

// connectorOf returns the connector that sql.Open makes of a driver.
func connectorOf(d driver.Driver, dataSourceName string) (driver.Connector, error) {
	if withContext, ok := d.(driver.DriverContext); ok {
		return withContext.OpenConnector(dataSourceName)
	}
	return dsnConnector{dataSourceName, d}, nil
}

// A dsnConnector is the connector of a driver that has none.
type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c dsnConnector) Driver() driver.Driver { return c.driver }

// isNilDriver reports whether a driver or a connector is missing.
func isNilDriver(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
