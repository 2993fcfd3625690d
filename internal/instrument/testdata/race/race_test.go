// Package race has a data race between goroutines that open descriptors.
package race

import (
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

var shared int

// Test lets one goroutine wait for the other in a way that the race detector
// does not know to be an order. Package os would make one by itself.
func Test(t *testing.T) {
	done := filepath.Join(t.TempDir(), "done")
	var wg sync.WaitGroup
	wg.Go(func() {
		shared = 1
		open(t)
		if err := syscall.Mkdir(done, 0o777); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		for syscall.Access(done, 0) != nil {
		}
		open(t)
		shared = 2
	})
	wg.Wait()
}

func open(t *testing.T) {
	fd, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0)
	if err != nil {
		t.Error(err)
		return
	}
	syscall.Close(fd)
}
