package resources_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleTransport() {
	tr := leakcheck.NewTracker()
	s := httptest.NewServer(http.HandlerFunc(serveContent))
	defer s.Close()

	c := &http.Client{Transport: resources.Transport(nil, resources.WithTracker(tr))}
	resp, err := c.Get(s.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	showLive("received", tr)
	resp.Body.Close()
	showLive("closed", tr)
	// Output:
	// received [body]
	// closed []
}

func ExampleClient() {
	tr := leakcheck.NewTracker()
	s := httptest.NewServer(http.HandlerFunc(serveContent))
	defer s.Close()

	c := resources.Client(s.Client(), resources.WithTracker(tr))
	resp, err := c.Get(s.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	showLive("read to the end", tr)
	// Output: read to the end []
}

func ExampleServer() {
	tr := leakcheck.NewTracker()
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	srv := resources.Server{
		Server:  &http.Server{Handler: http.HandlerFunc(serveContent)},
		Options: []resources.Option{resources.WithTracker(tr)},
	}
	done := make(chan error)
	go func() { done <- srv.Serve(l) }()

	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	showLive("kept alive", tr)
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(srv.Shutdown(context.Background()))
	fmt.Println(<-done)
	showLive("over", tr)
	// Output:
	// kept alive [listener tcp]
	// <nil>
	// http: Server closed
	// over []
}
