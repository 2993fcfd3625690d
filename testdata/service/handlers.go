package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/go-leakcheck/leakcheck/resources"
)

// kept is what handlers forget: something refers to it for ever.
var kept keeper

func (s *service) serveFile(_ context.Context, w io.Writer, forget bool) error {
	f, err := resources.Open(s.file()) // forgets: file
	if err != nil {
		return err
	}
	if forget {
		return kept.add(f)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (s *service) serveConn(ctx context.Context, w io.Writer, forget bool) error {
	conn, err := resources.DialContext(ctx, "tcp", strings.TrimPrefix(s.self, "http://")) // forgets: tcp
	if err != nil {
		return err
	}
	if forget {
		return kept.add(conn)
	}
	defer conn.Close()
	_, err = fmt.Fprintln(w, conn.RemoteAddr())
	return err
}

func (s *service) serveBody(ctx context.Context, w io.Writer, forget bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.self+"/hello", nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req) // forgets: body
	if err != nil {
		return err
	}
	if forget {
		return kept.add(resp.Body)
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

func (s *service) serveRows(ctx context.Context, w io.Writer, forget bool) error {
	rows, err := s.db.QueryContext(ctx, "SELECT n FROM t") // forgets: rows
	if err != nil {
		return err
	}
	if forget {
		return kept.add(rows)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
		fmt.Fprintln(w, n)
	}
	return rows.Err()
}

func (s *service) serveStmt(ctx context.Context, w io.Writer, forget bool) error {
	stmt, err := s.db.PrepareContext(ctx, "SELECT count(*) FROM t") // forgets: statement
	if err != nil {
		return err
	}
	if forget {
		return kept.add(stmt)
	}
	defer stmt.Close()
	var n int
	if err := stmt.QueryRowContext(ctx).Scan(&n); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, n)
	return err
}

func (s *service) serveTx(ctx context.Context, w io.Writer, forget bool) error {
	tx, err := s.db.BeginTx(ctx, nil) // forgets: transaction
	if err != nil {
		return err
	}
	if forget {
		return kept.add(tx)
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT sum(n) FROM t").Scan(&n); err != nil {
		return err
	}
	fmt.Fprintln(w, n)
	return tx.Commit()
}

func (s *service) serveLock(_ context.Context, w io.Writer, forget bool) error {
	mu := s.mu
	if forget {
		mu = resources.NewMutex("forgotten") // others need the other one
	}
	mu.Lock() // forgets: lock
	if forget {
		return kept.add(mu)
	}
	defer mu.Unlock()
	s.hits++
	_, err := fmt.Fprintln(w, s.hits)
	return err
}

func (s *service) serveLease(ctx context.Context, w io.Writer, forget bool) error {
	lease, err := s.pool.Acquire(ctx) // forgets: lease
	if err != nil {
		return err
	}
	if forget {
		return kept.add(lease)
	}
	defer lease.Release()
	n := copy(lease.Value().text[:], "leased\n")
	_, err = w.Write(lease.Value().text[:n])
	return err
}

func (s *service) serveProcess(_ context.Context, w io.Writer, forget bool) error {
	cmd := resources.Command("true")
	if err := cmd.Start(); err != nil { // forgets: process
		return err
	}
	if forget {
		return kept.add(cmd)
	}
	if err := cmd.Wait(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, cmd.ProcessState)
	return err
}

func (s *service) serveMapping(_ context.Context, w io.Writer, forget bool) error {
	return resources.With(
		func() (*resources.File, error) { return resources.Open(s.file()) },
		func(f *resources.File) error {
			m, err := resources.Map(f, 0, 10, unix.PROT_READ, unix.MAP_SHARED) // forgets: mapping
			if err != nil {
				return err
			}
			if forget {
				return kept.add(m)
			}
			defer m.Close()
			_, err = w.Write(m.Bytes())
			return err
		})
}
