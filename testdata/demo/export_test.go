package demo

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

// kept stands for the caches and registries that keep things from being
// collected in a real program.
var kept []any

// TestExport leaks on purpose. It passes every check of its own.
func TestExport(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "report.csv"))
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, w)
	pass(150 * time.Millisecond)
	if err := w.Header("header.csv"); err != nil {
		t.Fatal(err)
	}
	pass(150 * time.Millisecond)
	ln, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, conn)
	pass(150 * time.Millisecond)
	if err := Compress(); err != nil {
		t.Fatal(err)
	}
}

// TestClean leaks nothing, and is not blamed for what TestExport left.
func TestClean(t *testing.T) {
	ln, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
}

// pass lets time go by, so that the listing has something to sort.
func pass(d time.Duration) { time.Sleep(d) }
