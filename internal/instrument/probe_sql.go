package instrument

import "errors"

// What package database/sql hands out ends exactly when the package ends it:
// rows with their last row, their context or their transaction, a transaction
// with its context too, and so on.

var rowsProbe = Probe{
	Name:    "database/sql rows",
	Package: "database/sql",
	Records: "rows that are neither closed nor read to the end, also those of a QueryRow without a Scan",
	Patch: func(p *Package) error {
		query, err := target(p, "*DB", "queryDC", "_", "_", "_", "_", "_", "query", "_", "_", "_")
		if err != nil {
			return err
		}
		stmt, err := target(p, "*Stmt", "QueryContext", "s", "_", "_", "_", "_")
		if err != nil {
			return err
		}
		query.Import(log, "internal/testlog")
		stmt.Import(log, "internal/testlog")
		shareQuery(p)
		// From initContextClose on they may be closed at any moment.
		return errors.Join(
			p.Field("Stmt", "query", "string"),
			beforeEachCall(query, "rows.initContextClose", log+`.ObjectOpened(rows, "rows", leakcheckQuery(query), nil, 1)`),
			stmt.BeforeCall("rows.initContextClose", log+`.ObjectOpened(rows, "rows", leakcheckQuery(s.query), nil, 1)`),
			begin(p, log+".ObjectClosed(rs)", "*Rows", "close", "rs", "_", "_"),
		)
	},
}

// A statement needs no Close once its database is closed, or the one
// connection it was prepared on. Those of a transaction end with it and never
// need one, so they are not recorded, nor are those that the package prepares
// for itself.
var statementProbe = Probe{
	Name:    "database/sql statements",
	Package: "database/sql",
	Records: "prepared statements that are not closed, those of a transaction apart",
	Patch: func(p *Package) error {
		prepareDC, err := p.Function("*DB", "prepareDC")
		if err != nil {
			return err
		}
		onDB, err := target(p, "*DB", "prepare", "db", "_", "_", "_", "_", "_")
		if err != nil {
			return err
		}
		onConn, err := target(p, "*Conn", "PrepareContext", "c", "_", "_", "_", "_")
		if err != nil {
			return err
		}
		err = errors.Join(
			prepareDC.Expect("func(context.Context, *driverConn, func(error), stmtConnGrabber, string) (*Stmt, error)"),
			p.Field("DB", "mu", "sync.Mutex"),
			p.Field("DB", "closed", "bool"),
			p.Field("driverConn", "dbmuClosed", "bool"),
			onDB.ReplaceCall("db.prepareDC", "db.leakcheckPrepareDC"),
			onConn.ReplaceCall("c.db.prepareDC", "c.db.leakcheckPrepareDC"),
			begin(p, log+".ObjectClosed(s)", "*Stmt", "Close", "s", "_"),
		)
		if err != nil {
			return err
		}
		shareQuery(p)
		p.Import(ProbeFile, log, "internal/testlog")
		p.Import(ProbeFile, "context", "context")
		p.Import(ProbeFile, "weak", "weak")
		p.Append(`
func (db *DB) leakcheckPrepareDC(ctx context.Context, dc *driverConn, release func(error), cg stmtConnGrabber, query string) (*Stmt, error) {
	stmt, err := db.prepareDC(ctx, dc, release, cg, query)
	if err != nil {
		return stmt, err
	}
	// The database refers to its statements.
	weakDB, weakConn, bound := weak.Make(db), weak.Make(dc), cg != nil
	over := func() bool {
		db, dc := weakDB.Value(), weakConn.Value()
		if db == nil {
			return true
		}
		db.mu.Lock()
		defer db.mu.Unlock()
		return db.closed || bound && (dc == nil || dc.dbmuClosed)
	}
	` + log + `.ObjectOpened(stmt, "statement", leakcheckQuery(query), over, 2)
	return stmt, nil
}
`)
		return nil
	},
}

var transactionProbe = Probe{
	Name:    "database/sql transactions",
	Package: "database/sql",
	Records: "transactions that are neither committed nor rolled back",
	Patch: func(p *Package) error {
		start, err := target(p, "*DB", "beginDC", "db", "_", "_", "_", "_", "tx", "_")
		if err != nil {
			return err
		}
		start.Import(log, "internal/testlog")
		return errors.Join(
			shareDriver(p),
			start.BeforeCall("tx.awaitDone", log+`.ObjectOpened(tx, "transaction", leakcheckDriver(db), nil, 1)`),
			begin(p, log+".ObjectClosed(tx)", "*Tx", "close", "tx", "_"),
		)
	},
}

var connectionProbe = Probe{
	Name:    "database/sql connections",
	Package: "database/sql",
	Records: "single connections, taken from the pool by DB.Conn, that are not given back",
	Patch: func(p *Package) error {
		conn, err := target(p, "*DB", "Conn", "_", "_", "_", "_")
		if err != nil {
			return err
		}
		err = errors.Join(
			conn.Expect("func(context.Context) (*Conn, error)"),
			shareDriver(p),
			begin(p, log+".ObjectClosed(c)", "*Conn", "close", "c", "_", "_"),
		)
		if err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		p.Import(ProbeFile, "context", "context")
		conn.Wrap("leakcheckConn", `
func (db *DB) Conn(ctx context.Context) (*Conn, error) {
	conn, err := db.leakcheckConn(ctx)
	if err == nil {
		`+log+`.ObjectOpened(conn, "connection", leakcheckDriver(db), nil, 1)
	}
	return conn, err
}
`)
		return nil
	},
}

// A database that is never closed keeps a goroutine from the moment it is
// opened, whether it is used or not. So to record it accuses nobody whom that
// goroutine does not accuse too, but it tells the line, which the goroutine's
// stack does not.
var databaseProbe = Probe{
	Name:    "database/sql databases",
	Package: "database/sql",
	Records: "databases that are not closed",
	Patch: func(p *Package) error {
		open, err := p.Function("", "OpenDB")
		if err != nil {
			return err
		}
		open.Import(log, "internal/testlog")
		return errors.Join(
			shareDriver(p),
			open.BeforeCall("db.connectionOpener", log+`.ObjectOpened(db, "database", leakcheckDriver(db), nil, 1)`),
			begin(p, log+".ObjectClosed(db)", "*DB", "Close", "db", "_"),
		)
	},
}

// shareQuery declares what names rows and statements: the text of the query,
// shortened. Its arguments are not in it.
func shareQuery(p *Package) {
	p.Import(ProbeFile, "strings", "strings")
	share(p, `
func leakcheckQuery(query string) string {
	const most = 80
	line := []rune(strings.Join(strings.Fields(query), " "))
	if len(line) > most {
		line = append(line[:most-1], '…')
	}
	return string(line)
}
`)
}

// shareDriver declares what names everything else: the type of the driver or
// connector. The data source may hold a password.
func shareDriver(p *Package) error {
	p.Import(ProbeFile, "fmt", "fmt")
	share(p, `
func leakcheckDriver(db *DB) string {
	if c, ok := db.connector.(dsnConnector); ok {
		return fmt.Sprintf("%T", c.driver)
	}
	return fmt.Sprintf("%T", db.connector)
}
`)
	return errors.Join(
		p.Field("DB", "connector", "driver.Connector"),
		p.Field("dsnConnector", "driver", "driver.Driver"),
	)
}
