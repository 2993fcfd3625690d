package resources_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// headlineAt returns the first line of a page, up to the age.
func headlineAt(url string) string {
	res, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	line, _, _ := strings.Cut(string(b), " (oldest")
	return strings.TrimSpace(line)
}

// The live table is one of the service's diagnostics.
func ExampleHandler() {
	tracker := leakcheck.NewTracker()
	mux := http.NewServeMux()
	mux.Handle("/debug/resources", resources.Handler(resources.WithTracker(tracker)))
	server := httptest.NewServer(mux)
	defer server.Close()

	f, err := resources.Open(os.DevNull, resources.WithName("orders.csv"), resources.WithTracker(tracker))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(headlineAt(server.URL + "/debug/resources?format=text"))
	_ = f.Close()
	// Output:
	// leakcheck: the tracker holds 1: 1 file:r
}

func ExampleRegisterProfile() {
	mux := http.NewServeMux()
	if err := resources.RegisterProfile(mux, resources.WithTracker(leakcheck.NewTracker())); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	fmt.Println(headlineAt(server.URL + "/debug/pprof/leakcheck?debug=1"))
	// Output:
	// leakcheck: the tracker holds nothing
}

func ExampleProfileHandler() {
	server := httptest.NewServer(resources.ProfileHandler(resources.WithTracker(leakcheck.NewTracker())))
	defer server.Close()
	fmt.Println(headlineAt(server.URL + "?debug=1"))
	// Output:
	// leakcheck: the tracker holds nothing
}

// go tool pprof -top reads the file.
func ExampleWriteProfile() {
	f, err := os.CreateTemp("", "leakcheck-*.pb.gz")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	fmt.Println(resources.WriteProfile(f))
	// Output:
	// <nil>
}
