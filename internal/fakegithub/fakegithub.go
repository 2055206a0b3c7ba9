// Package fakegithub is the part of GitHub's REST API that the action calls, for one repository, in memory. It holds no
// product logic. It runs no goroutine, so it serves a testing/synctest bubble as well as a socket.
package fakegithub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// GitHub is one repository. Make it with New; it is safe for concurrent use.
type GitHub struct {
	repository string

	mu     sync.Mutex
	pulls  map[int]*pull
	faults []*Fault
	calls  []Call
	mux    *http.ServeMux
}

// Call is one API call that was asked.
type Call struct {
	Time   time.Time
	Method string
	Path   string
	Status int // 0 if the connection broke
}

// New returns a repository, owner/name, without pull requests.
func New(repository string) *GitHub {
	g := &GitHub{repository: repository, pulls: map[int]*pull{}, mux: http.NewServeMux()}
	g.mux.HandleFunc("GET /repos/{owner}/{name}/pulls/{number}", g.getPull)
	return g
}

// Calls returns every call so far, oldest first.
func (g *GitHub) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}

// errBroken is a connection that ended without an answer.
var errBroken = errors.New("connection reset by peer")

// RoundTrip answers a request in memory; it makes GitHub the Transport of an http.Client.
func (g *GitHub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	if err := g.serve(w, r); err != nil {
		return nil, err
	}
	response := w.Result()
	response.Request = r
	return response, nil
}

// ServeHTTP answers a request from a socket.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := g.serve(w, r); err != nil {
		panic(http.ErrAbortHandler) // the connection breaks: that is the fault that was asked for
	}
}

func (g *GitHub) serve(w http.ResponseWriter, r *http.Request) error {
	path := strings.TrimPrefix(r.URL.Path, "/api/v3") // where GitHub Enterprise Server has it
	fault := g.fault(r.Method, path)
	if fault.Delay > 0 {
		timer := time.NewTimer(fault.Delay)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return r.Context().Err()
		}
	}
	if fault.Break {
		g.note(r.Method, path, 0)
		return errBroken
	}
	status := &statusWriter{ResponseWriter: w}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = path, ""
	switch {
	case r.Header.Get("Authorization") == "":
		refuse(status, http.StatusUnauthorized, "Requires authentication")
	case fault.Status != 0:
		for name, value := range fault.Header {
			status.Header().Set(name, value)
		}
		refuse(status, fault.Status, fault.Message)
	case !strings.HasPrefix(path, "/repos/"+g.repository+"/"):
		refuse(status, http.StatusNotFound, "Not Found")
	default:
		g.mux.ServeHTTP(status, inner)
	}
	g.note(r.Method, path, status.code)
	return nil
}

func (g *GitHub) note(method, path string, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, Call{Time: time.Now(), Method: method, Path: path, Status: status})
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"message": message, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status)})
}
