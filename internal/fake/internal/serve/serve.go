// Package serve is what both fakes share: it answers requests in memory and from a socket, and
// breaks, delays and loses them on request. It knows nothing of what is answered.
package serve

import (
	"errors"
	"net/http"
	"net/http/httptest"
)

// Handler answers one request. It returns an error if the request gets no answer.
type Handler func(http.ResponseWriter, *http.Request) error

// ErrBroken is a connection that ended without an answer.
var ErrBroken = errors.New("connection reset by peer")

// RoundTrip answers a request in memory; it makes Handler the Transport of an http.Client.
func (h Handler) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	w := httptest.NewRecorder()
	if err := h(w, r); err != nil {
		return nil, err
	}
	response := w.Result()
	response.Request = r
	return response, nil
}

// ServeHTTP answers a request from a socket.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		panic(http.ErrAbortHandler) // closes the connection without an answer, as the fault demands
	}
}
