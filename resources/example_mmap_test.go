//go:build unix

package resources_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"golang.org/x/sys/unix"
)

func ExampleMap() {
	f, err := os.CreateTemp("", "table")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.WriteString("hello, world"); err != nil {
		fmt.Println(err)
		return
	}

	tracker := leakcheck.NewTracker()
	m, err := resources.Map(f, 0, 12, unix.PROT_READ, unix.MAP_SHARED, resources.WithTracker(tracker))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, info := range tracker.Live() {
		fmt.Println(info.Kind, filepath.Base(info.Name) == filepath.Base(f.Name()))
	}
	fmt.Printf("%s\n", m.Bytes()[:5])
	fmt.Println(m.Close(), tracker.Len())
	// Output:
	// mapping true
	// hello
	// <nil> 0
}

func ExampleMapping_Sync() {
	path := filepath.Join(os.TempDir(), fmt.Sprint("counter", os.Getpid()))
	defer os.Remove(path)
	if err := os.WriteFile(path, []byte("count 0"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()

	m, err := resources.Map(f, 0, 7, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	m.Bytes()[6] = '1'
	if err := m.Sync(); err != nil {
		fmt.Println(err)
		return
	}
	text, err := os.ReadFile(path)
	fmt.Printf("%s %v\n", text, err)
	// Output: count 1 <nil>
}
