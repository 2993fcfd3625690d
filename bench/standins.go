package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/puddle/v2"
	_ "modernc.org/sqlite" // the database of the rows about queries

	"github.com/go-leakcheck/leakcheck/resources"
)

// The stand-ins of package resources are timed beside what they stand for, with
// tracking on, with one resource in a hundred tracked, and off. What counts is
// what they add, round by round, for what a system call takes hides it.

const (
	standinRounds = 15
	standinSlice  = 40 * time.Millisecond
	onBudget      = 1000 // nanoseconds added
	offBudget     = 20   // nanoseconds added
	lockBudget    = 150  // nanoseconds added
)

// A standin is something done with it and without.
type standin struct {
	what    string
	tracked func()
	plain   func()
	budgets [3]float64 // of each mode, 0 for none
}

var modes = []struct {
	name string
	set  func()
}{
	{"on", func() { resources.SetTracking(true) }},
	{"1 % sampled", func() { must(resources.SetSampling(0.01)) }},
	{"off", func() { resources.SetTracking(false) }},
}

func made[T any](v T, err error) T {
	must(err)
	return v
}

// standinRows measures all of them. What fails in a loop panics: nothing in it
// can, on a machine that runs the rest.
func standinRows(t *table) (err error) {
	defer func() {
		resources.SetTracking(true)
		must(resources.SetSampling(1))
	}()
	dir, err := os.MkdirTemp("", "standins")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	all, done, err := standins(dir)
	if err != nil {
		return err
	}
	defer done()
	for _, s := range all {
		for i, m := range modes {
			must(resources.SetSampling(1))
			resources.SetTracking(true)
			m.set()
			got := sideBySide(standinRounds, standinSlice, loop(s.tracked), loop(s.plain))
			added := got[0].less(got[1]).median()
			r := row{
				what: fmt.Sprintf("%s, %s: added", s.what, m.name),
				own:  max(added, 0), unit: duration,
				peer: "plain", peersOwn: got[1].median(), ratio: got[0].over(got[1]),
			}
			r.budget = budget{most: s.budgets[i]}
			t.add(r)
		}
	}
	return nil
}

func standins(dir string) (all []standin, done func(), err error) {
	ln, err := newAcceptor()
	if err != nil {
		return nil, nil, err
	}
	name := filepath.Join(dir, "db")
	plainDB := made(sql.Open("sqlite", name))
	trackedDB := made(resources.OpenSQL("sqlite", name))
	made(plainDB.Exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)"))
	pool := made(puddle.NewPool(&puddle.Config[int]{Constructor: one, Destructor: func(int) {}, MaxSize: 4}))
	trackedPool := made(resources.NewPool(resources.PoolConfig[int]{Name: "bench", Max: 4, New: one}))
	var mu sync.Mutex
	var trackedMu resources.Mutex
	idle := new(idleConn)
	ctx := context.Background()

	all = []standin{
		{"resources.Open + Close",
			func() { f := made(resources.Open(os.DevNull)); must(f.Close()) },
			func() { f := made(os.Open(os.DevNull)); must(f.Close()) },
			[3]float64{onBudget, 0, 0}},
		{"WrapConn + Close, of a connection that does nothing",
			func() { must(made(resources.WrapConn(idle)).Close()) },
			func() { must(net.Conn(idle).Close()) },
			[3]float64{onBudget, 0, offBudget}},
		{"resources.Dial + Close",
			func() { must(made(resources.Dial("tcp", ln.address)).Close()) },
			func() { must(made(net.Dial("tcp", ln.address)).Close()) },
			[3]float64{}},
		{"a query of SQLite, one row",
			func() { query(trackedDB) }, func() { query(plainDB) },
			[3]float64{}},
		{"Mutex: Lock + Unlock",
			func() { trackedMu.Lock(); trackedMu.Unlock() },
			func() { mu.Lock(); mu.Unlock() },
			[3]float64{lockBudget, 0, offBudget}},
		{"Pool: Acquire + Release",
			func() { made(trackedPool.Acquire(ctx)).Release() },
			func() { made(pool.Acquire(ctx)).Release() },
			[3]float64{}},
	}
	return all, func() {
		ln.close()
		must(plainDB.Close())
		must(trackedDB.Close())
		pool.Close()
		trackedPool.Close()
	}, nil
}

func one(context.Context) (int, error) { return 1, nil }

func query(db *sql.DB) {
	rows := made(db.Query("SELECT n FROM t"))
	for rows.Next() {
	}
	must(rows.Close())
}

// An acceptor accepts connections and closes them.
type acceptor struct {
	ln      net.Listener
	address string
	done    sync.WaitGroup
}

func newAcceptor() (*acceptor, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &acceptor{ln: ln, address: ln.Addr().String()}
	a.done.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	})
	return a, nil
}

func (a *acceptor) close() {
	_ = a.ln.Close()
	a.done.Wait()
}

// An idleConn does nothing, so that what a stand-in takes stands alone.
type idleConn struct{ net.Conn }

func (*idleConn) Close() error         { return nil }
func (*idleConn) LocalAddr() net.Addr  { return idleAddr{} }
func (*idleConn) RemoteAddr() net.Addr { return idleAddr{} }

type idleAddr struct{}

func (idleAddr) Network() string { return "tcp" }
func (idleAddr) String() string  { return "nowhere" }
