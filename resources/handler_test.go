package resources_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tableJSON is what a client makes of the JSON.
type tableJSON struct {
	Time        time.Time
	Descriptors *struct {
		Open  int
		Limit uint64
	}
	leakcheck.Report
}

func tableAt(t *testing.T, url string) tableJSON {
	t.Helper()
	code, header, body := askHandler(t, "GET", url)
	require.Equal(t, http.StatusOK, code)
	assert.Equal(t, "application/json", header.Get("Content-Type"))
	assert.Equal(t, "no-store", header.Get("Cache-Control"))
	var got tableJSON
	require.NoError(t, json.Unmarshal([]byte(body), &got), body)
	return got
}

func TestHandlerJSON(t *testing.T) {
	_, in := ownTracker()
	server := httptest.NewServer(resources.Handler(in))
	defer server.Close()

	got := tableAt(t, server.URL)
	assert.Zero(t, got.Total)
	assert.NotNil(t, got.Leaks, "an empty list, not null")

	s := resources.OpenStandin("a.txt", in)
	got = tableAt(t, server.URL+"?format=json")
	assert.Equal(t, 1, got.Total)
	assert.Equal(t, map[string]int{"thing": 1}, got.ByKind)
	require.Len(t, got.Leaks, 1)
	assert.Equal(t, "a.txt", got.Leaks[0].Name)
	assert.Contains(t, got.Leaks[0].Stack[0].Function, "TestHandlerJSON")
	assert.WithinDuration(t, time.Now(), got.Time, time.Minute)
	if _, err := leakcheck.OpenDescriptors(); err == nil {
		require.NotNil(t, got.Descriptors)
		assert.Greater(t, got.Descriptors.Open, 2)
		assert.Greater(t, got.Descriptors.Limit, uint64(got.Descriptors.Open))
	} else {
		assert.Nil(t, got.Descriptors)
	}

	require.NoError(t, s.Close())
	assert.Zero(t, tableAt(t, server.URL).Total)
}

func TestHandlerText(t *testing.T) {
	_, in := ownTracker()
	server := httptest.NewServer(resources.Handler(in))
	defer server.Close()
	s := resources.OpenStandin("a.txt", in)
	defer s.Close()
	code, header, body := askHandler(t, "GET", server.URL+"?format=text")
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "text/plain; charset=utf-8", header.Get("Content-Type"))
	assert.Contains(t, body, leftOpen)
}

func TestHandlerRefuses(t *testing.T) {
	_, in := ownTracker()
	server := httptest.NewServer(resources.Handler(in))
	defer server.Close()
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		code, header, body := askHandler(t, method, server.URL)
		assert.Equal(t, http.StatusMethodNotAllowed, code, method)
		assert.Equal(t, "GET, HEAD", header.Get("Allow"))
		assert.Equal(t, "only GET and HEAD are allowed\n", body)
	}
	code, _, body := askHandler(t, "GET", server.URL+"?format=xml")
	assert.Equal(t, http.StatusBadRequest, code)
	assert.Equal(t, "unknown format; it is json or text\n", body)
	code, header, body := askHandler(t, "HEAD", server.URL)
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "application/json", header.Get("Content-Type"))
	assert.Empty(t, body)
}
