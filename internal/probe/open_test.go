package probe_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"pr-stack/internal/probe"
)

func TestIsOpen(t *testing.T) {
	for status, want := range map[int]bool{200: true, 204: true, 302: false, 401: false, 403: false, 503: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if open, err := probe.IsOpen(t.Context(), nil, server.URL); open != want || err != nil {
			t.Errorf("a URL that answers %d: IsOpen = %t, %v, want %t", status, open, err, want)
		}
		server.Close()
	}
	if open, err := probe.IsOpen(t.Context(), nil, "http://127.0.0.1:1"); open || err == nil {
		t.Errorf("a URL that does not answer: IsOpen = %t, %v, want an error", open, err)
	}
}
