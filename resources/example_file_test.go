package resources_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleOpen() {
	f, err := resources.Open(os.DevNull)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for _, i := range leakcheck.DefaultTracker().Live() {
		fmt.Println(i.Kind, i.Name)
	}
	// Output: file:r /dev/null
}

func ExampleFile_Lines() {
	dir, err := os.MkdirTemp("", "lines")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	f, err := resources.Create(filepath.Join(dir, "report.csv"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Fprint(f, "name,amount\nrent,700\n")
	f.Seek(0, 0)
	for line, err := range f.Lines() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(line)
	}
	// Output:
	// name,amount
	// rent,700
}

func ExampleWith() {
	err := resources.With(
		func() (*resources.File, error) { return resources.Open(os.DevNull) },
		func(f *resources.File) error {
			fmt.Println(leakcheck.DefaultTracker().Len(), "open")
			return nil
		},
	)
	fmt.Println(leakcheck.DefaultTracker().Len(), "open, error", err)
	// Output:
	// 1 open
	// 0 open, error <nil>
}

func ExampleOpenRoot() {
	root, err := resources.OpenRoot(os.TempDir(), resources.WithName("scratch"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	fmt.Println(leakcheck.DefaultTracker().Live()[0].Name)
	// Output: scratch
}
