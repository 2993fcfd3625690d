// Command service is a small HTTP service that opens all it needs through
// package resources. Each of its handlers uses one kind of thing, and forgets
// to give it back when it is asked to: the lines that open what is then
// forgotten are marked.
//
//	go run ./testdata/service -addr 127.0.0.1:8080
//	curl '127.0.0.1:8080/file?forget=1'
//	curl 127.0.0.1:8080/debug/leaks?format=text
//	go tool pprof -top http://127.0.0.1:8080/debug/pprof/leakcheck
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	_ "modernc.org/sqlite"

	"github.com/go-leakcheck/leakcheck/resources"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	flag.Parse()
	if err := run(*addr); err != nil {
		log.Fatal(err)
	}
}

// run serves until the process is told to end. What is open then, after all was
// closed, is a leak.
func run(addr string) error {
	defer resources.ReportAtExit(os.Stderr)()
	dir, err := os.MkdirTemp("", "service")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newService(dir)
	if err != nil {
		return err
	}
	defer s.close()

	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on %s\n", ln.Addr())
	s.self = "http://" + ln.Addr().String()
	server := &resources.Server{Server: &http.Server{Handler: s.routes()}}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			log.Print(err)
		}
	})
	<-ctx.Done()
	err = server.Shutdown(context.Background())
	serving.Wait()
	return err
}

// A service holds what its handlers share.
type service struct {
	dir    string
	self   string // its own address
	client *http.Client
	db     *sql.DB
	pool   *resources.Pool[*buffer]
	mu     *resources.Mutex
	hits   int
}

// A buffer is what is leased from the pool.
type buffer struct{ text [4096]byte }

func newService(dir string) (*service, error) {
	s := &service{
		dir:    dir,
		client: resources.Client(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}),
		mu:     resources.NewMutex("hits"),
	}
	if err := os.WriteFile(s.file(), []byte("some text\n"), 0o600); err != nil {
		return nil, err
	}
	var err error
	s.pool, err = resources.NewPool(resources.PoolConfig[*buffer]{
		Name: "buffers",
		Max:  256,
		New:  func(context.Context) (*buffer, error) { return new(buffer), nil },
	})
	if err != nil {
		return nil, err
	}
	s.db, err = resources.OpenSQL("sqlite", filepath.Join(dir, "db")+"?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	_, err = s.db.Exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2), (3)")
	return s, err
}

func (s *service) file() string { return filepath.Join(s.dir, "text") }

func (s *service) close() {
	s.client.CloseIdleConnections()
	if err := s.db.Close(); err != nil {
		log.Print(err)
	}
}

func (s *service) routes() http.Handler {
	mux := http.NewServeMux()
	for path, f := range map[string]func(ctx context.Context, w io.Writer, forget bool) error{
		"/file":    s.serveFile,
		"/conn":    s.serveConn,
		"/body":    s.serveBody,
		"/rows":    s.serveRows,
		"/stmt":    s.serveStmt,
		"/tx":      s.serveTx,
		"/lock":    s.serveLock,
		"/lease":   s.serveLease,
		"/process": s.serveProcess,
		"/mapping": s.serveMapping,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			ctx, forget := r.Context(), r.FormValue("forget") != ""
			if forget {
				ctx = context.WithoutCancel(ctx) // the end of the request would roll back what is forgotten
			}
			if err := f(ctx, w, forget); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	mux.Handle("/debug/leaks", resources.Handler())
	if err := resources.RegisterProfile(mux); err != nil {
		log.Fatal(err)
	}
	return mux
}
