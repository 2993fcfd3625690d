package leaky

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"example.com/objects/site"
)

// kept holds what nobody closes, so that the collector cannot.
var kept []any

func TestBodyOverHTTP1(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/length?token=secret") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyOfDefaultClient(t *testing.T) {
	s := site.Start(t)
	resp, err := http.Get(s.URL + "/length") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyOverTLS(t *testing.T) {
	s := site.StartTLS(t)
	resp, err := s.Client().Get(s.URL + "/length") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyOverHTTP2(t *testing.T) {
	s := site.StartHTTP2(t)
	resp, err := s.Client().Get(s.URL + "/length") // leak: body
	if err != nil {
		t.Fatal(err)
	}
	if resp.ProtoMajor != 2 {
		t.Fatal(resp.Proto)
	}
	kept = append(kept, resp)
}

func TestBodyStillSentOverHTTP2(t *testing.T) {
	s := site.StartHTTP2(t)
	resp, err := s.Client().Get(s.URL + "/endless") // leak: body
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyUncompressed(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/gzip") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	if !resp.Uncompressed {
		t.Fatal("not compressed")
	}
	kept = append(kept, resp)
}

func TestBodyUncompressedOverHTTP2(t *testing.T) {
	s := site.StartHTTP2(t)
	resp, err := s.Client().Get(s.URL + "/gzip") // leak: body
	if err != nil {
		t.Fatal(err)
	}
	if !resp.Uncompressed {
		t.Fatal("not compressed")
	}
	kept = append(kept, resp)
}

func TestBodyAfterRedirect(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/moved") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyOfRedirectNotFollowed(t *testing.T) {
	s := site.Start(t)
	client := s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Get(s.URL + "/moved") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyHalfRead(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/length") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

// The value ends before the body does.
func TestBodyDecodedNotToItsEnd(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/endless") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyDropped(t *testing.T) {
	s := site.Start(t)
	resp, err := s.Client().Get(s.URL + "/length") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}

func TestBodyDroppedOverHTTP2(t *testing.T) {
	s := site.StartHTTP2(t)
	resp, err := s.Client().Get(s.URL + "/length") // leak: body
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}

func TestBodyBeforeTimeout(t *testing.T) {
	s := site.Start(t)
	client := s.Client()
	client.Timeout = time.Hour
	resp, err := client.Get(s.URL + "/length") // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

// A context that could be cancelled, but is not.
func TestBodyWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	kept = append(kept, cancel)
	s := site.Start(t)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/length", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Client().Do(req) // leak: body tcp
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

// A logged body is one around another.
type loggedBody struct{ io.ReadCloser }

type logging struct{ http.RoundTripper }

func (l logging) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(req) // leak: body tcp
	if err == nil {
		resp.Body = loggedBody{resp.Body}
	}
	return resp, err
}

func TestBodyThroughRoundTripper(t *testing.T) {
	s := site.Start(t)
	client := &http.Client{Transport: logging{s.Client().Transport}}
	resp, err := client.Get(s.URL + "/length")
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, resp)
}

func TestBodyOfAnotherGoroutine(t *testing.T) {
	s := site.Start(t)
	done := make(chan error)
	go func() {
		resp, err := s.Client().Get(s.URL + "/length") // leak: body tcp
		if err == nil {
			_ = resp.Status
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestBodyOnErrorPath(t *testing.T) {
	s := site.Start(t)
	if err := (Shop{Client: s.Client(), URL: s.URL}).Ping("/missing"); err == nil {
		t.Fatal("no error")
	}
}
