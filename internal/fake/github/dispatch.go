package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"pr-stack/internal/fake/internal/serve"
)

// Call is one API call.
type Call struct {
	Time   time.Time
	Method string
	Path   string // without /api/v3
	Status int    // 0 if the connection broke
}

// Calls returns every call so far, oldest first.
func (g *GitHub) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}

// serve answers one request, or returns an error for one that gets no answer.
func (g *GitHub) serve(w http.ResponseWriter, r *http.Request) error {
	path := strings.TrimPrefix(r.URL.Path, enterprise)
	fault := g.fault(r.Method, path)
	connection := serve.Connection{Break: fault.Break, Lost: fault.Lost, Delay: fault.Delay}
	status := 0
	err := connection.Answer(func(w http.ResponseWriter, r *http.Request) error {
		answered := &statusWriter{ResponseWriter: w, code: http.StatusOK}
		g.dispatch(answered, r, path, fault)
		status = answered.code
		return nil
	}, w, r)
	if err != nil {
		status = 0
	}
	g.record(r.Method, path, status)
	return err
}

// enterprise is the prefix of the API's paths on GitHub Enterprise Server.
const enterprise = "/api/v3"

func (g *GitHub) dispatch(w http.ResponseWriter, r *http.Request, path string, fault Fault) {
	header := w.Header()
	now := time.Now()
	header.Set("Date", now.UTC().Format(http.TimeFormat))
	header.Set("X-RateLimit-Limit", "1000")
	header.Set("X-RateLimit-Remaining", "999")
	header.Set("X-RateLimit-Reset", fmt.Sprint(now.Add(time.Hour).Unix()))
	switch {
	case r.Header.Get("Authorization") == "":
		respondError(w, http.StatusUnauthorized, "Requires authentication")
	case fault.Status != 0:
		for name, value := range fault.Header {
			header.Set(name, value)
		}
		if fault.Message == "" && fault.Status >= 500 {
			// The proxy in front of GitHub answers like this, not in JSON.
			header.Set("Content-Type", "text/html")
			w.WriteHeader(fault.Status)
			fmt.Fprintln(w, "<html><body>Unicorn!</body></html>")
			return
		}
		respondError(w, fault.Status, fault.Message)
	case g.forbids(r.Method, path):
		respondError(w, http.StatusForbidden, "Resource not accessible by integration")
	case strings.HasPrefix(path, tokenPath):
		g.issue(w, r, path)
	case path != "/user" && !strings.HasPrefix(path+"/", "/repos/"+g.repository+"/"):
		respondError(w, http.StatusNotFound, "Not Found")
	default:
		inner := r.Clone(r.Context())
		inner.URL.Path, inner.URL.RawPath = path, ""
		inner.RequestURI = r.URL.Path // which the links to other pages begin with
		g.mux.ServeHTTP(w, inner)
	}
}

func (g *GitHub) record(method, path string, status int) {
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

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}

// respondError answers with an error; errors are those of single fields.
func respondError(w http.ResponseWriter, status int, message string, errors ...map[string]string) {
	docs := "https://docs.github.com/rest"
	if strings.Contains(message, "secondary rate limit") {
		docs += "/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	}
	body := map[string]any{"message": message, "documentation_url": docs, "status": fmt.Sprint(status)}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	respond(w, status, body)
}

// invalid answers that the value of a field is invalid.
func invalid(w http.ResponseWriter, resource, field, message string) {
	respondError(w, http.StatusUnprocessableEntity, "Validation Failed",
		map[string]string{"resource": resource, "code": "custom", "field": field, "message": message})
}
