package resources

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

// Handler returns a handler that serves the live table, made at the time of the
// request: as JSON the fields of [leakcheck.Report], with the time and, where
// the system tells, how many descriptors the process has open and may have
// (RLIMIT_NOFILE); with ?format=text the listing, as text. It answers GET and
// HEAD.
//
//	{"time":"2026-01-02T15:04:05Z","descriptors":{"open":12,"limit":1024},
//	 "subject":"the tracker","total":1,"by_kind":{"file":1},…}
//
// Names are paths, addresses, command lines and queries, which may tell more
// than strangers should know: serve it where the service's other diagnostics
// are, not in public.
//
// Of opts, [WithTracker] says which tracker is served.
func Handler(opts ...Option) http.Handler {
	t := orDefault(optionsOf(opts).tracker)
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		switch format := r.FormValue("format"); format {
		case "", "json":
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(liveTableOf(t)) // fails only if the client is gone
		case "text":
			writeListing(w, t)
		default:
			http.Error(w, "unknown format; it is json or text", http.StatusBadRequest)
		}
	})
}

// A liveTable is what [Handler] serves.
type liveTable struct {
	Time        time.Time        `json:"time"`
	Descriptors *descriptorTable `json:"descriptors,omitempty"`
	leakcheck.Report
}

type descriptorTable struct {
	Open  int    `json:"open"`
	Limit uint64 `json:"limit"`
}

func liveTableOf(t *leakcheck.Tracker) liveTable {
	table := liveTable{Time: time.Now(), Report: t.Report()}
	if open, limit, err := descriptors(); err == nil {
		table.Descriptors = &descriptorTable{open, limit}
	}
	return table
}

// writeListing answers with the listing.
func writeListing(w http.ResponseWriter, t *leakcheck.Tracker) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, t.Report().String()) // fails only if the client is gone
}

// readOnly answers GET and HEAD by f.
func readOnly(f http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are allowed", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		f(w, r)
	})
}
