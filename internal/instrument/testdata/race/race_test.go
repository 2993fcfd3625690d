// Package race has a data race between goroutines that open files.
package race

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var shared int

// Test lets one goroutine wait for the other in a way that the race detector
// does not know to be an order.
func Test(t *testing.T) {
	done := filepath.Join(t.TempDir(), "done")
	var wg sync.WaitGroup
	wg.Go(func() {
		shared = 1
		open(t)
		if err := os.Mkdir(done, 0o777); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		for {
			if _, err := os.Lstat(done); err == nil {
				break
			}
		}
		open(t)
		shared = 2
	})
	wg.Wait()
}

func open(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Error(err)
		return
	}
	f.Close()
}
