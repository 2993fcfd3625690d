// Package leaky forgets to close one thing after the other. The line that
// opens it names, in a comment, the kinds that are reported for it: a body over
// HTTP/1 keeps its connection.
package leaky

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
)

// A Shop sells things that a database lists.
type Shop struct {
	Client *http.Client
	URL    string
	DB     *sql.DB
}

// Ping asks for a page of the shop. It fails if there is none.
func (s Shop) Ping(page string) error { return s.status(page) }

func (s Shop) status(page string) error {
	resp, err := s.Client.Get(s.URL + page) // leak: body tcp
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for %s: %s", page, resp.Status) // and the body?
	}
	return resp.Body.Close()
}

// Prices returns all prices. It fails at the first that is not a number.
func (s Shop) Prices(ctx context.Context) ([]int, error) {
	return s.ints(ctx, "select 1 union all select 'two'")
}

func (s Shop) ints(ctx context.Context, query string) ([]int, error) {
	rows, err := s.DB.QueryContext(ctx, query) // leak: rows
	if err != nil {
		return nil, err
	}
	var all []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("read price %d: %w", len(all), err) // and the rows?
		}
		all = append(all, n)
	}
	return all, rows.Err()
}
