package resources_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log"
	"strings"

	sqlite "modernc.org/sqlite"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleOpenSQL() {
	tr := leakcheck.NewTracker()
	db, err := resources.OpenSQL("sqlite", ":memory:", resources.WithTracker(tr)) // instead of sql.Open
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	rows, err := db.Query("SELECT 1 AS one")
	if err != nil {
		log.Fatal(err)
	}
	for _, info := range tr.Live() {
		fmt.Println(info.Kind)
	}
	rows.Close()
	fmt.Println("after rows.Close:", tr.Len())
	// Output:
	// database
	// connection
	// rows
	// after rows.Close: 1
}

// A memoryConnector opens databases in memory.
type memoryConnector struct{ driver *sqlite.Driver }

func (c memoryConnector) Connect(context.Context) (driver.Conn, error) {
	return c.driver.Open(":memory:")
}

func (c memoryConnector) Driver() driver.Driver { return c.driver }

func ExampleOpenDB() {
	tr := leakcheck.NewTracker()
	connector := memoryConnector{new(sqlite.Driver)}
	db, err := resources.OpenDB(connector, resources.WithTracker(tr), resources.WithName("orders")) // instead of sql.OpenDB
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tr.Live()[0].Kind, tr.Live()[0].Name)
	db.Close()
	fmt.Println("after db.Close:", tr.Len())
	// Output:
	// database orders
	// after db.Close: 0
}

func ExampleConnector() {
	tr := leakcheck.NewTracker()
	connector, err := resources.Connector(memoryConnector{new(sqlite.Driver)}, resources.WithTracker(tr))
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()

	tx, err := db.Begin()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tr.Live()[2].Kind)
	tx.Rollback()
	// Output: transaction
}

func ExampleDriver() {
	tr := leakcheck.NewTracker()
	sql.Register("sqlite-tracked", resources.Driver(new(sqlite.Driver), resources.WithTracker(tr)))

	db, err := sql.Open("sqlite-tracked", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	stmt, err := db.Prepare("SELECT 1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tr.Live()[1].Kind, tr.Live()[1].Name)
	stmt.Close()
	// Output: statement SELECT 1
}

func ExampleDriverConn() {
	db, err := resources.OpenSQL("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	err = conn.Raw(func(c any) error {
		// Serialize is a method of the driver's connection.
		image, err := resources.DriverConn(c).(interface{ Serialize() ([]byte, error) }).Serialize()
		fmt.Println("serialized:", len(image) > 0)
		return err
	})
	fmt.Println(err)
	// Output:
	// serialized: true
	// <nil>
}

func ExampleCheckInUse() {
	db, err := resources.OpenSQL("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	first, _, _ := strings.Cut(resources.CheckInUse(db).Error(), "\n") // the lines that took them follow
	fmt.Println(first)
	conn.Close()
	fmt.Println(resources.CheckInUse(db))
	// Output:
	// resources: checking the connections in use: 1 not returned to the pool: close the Conn, Rows or Tx that has it
	// <nil>
}
