package archive_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"pr-stack/internal/archive"
)

// registry answers as a function does, and keeps who was sent a password.
type registry struct {
	answer func(r *http.Request) (status int, name, value string)
	told   map[string]bool // hosts
}

func (r *registry) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") != "" {
		r.told[request.URL.Host] = true
	}
	status, name, value := http.StatusOK, "", ""
	if request.URL.Host == "registry.example.com" {
		status, name, value = r.answer(request)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{name: {value}}, Request: request, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(`{"token":"t"}`)),
	}, nil
}

// A registry cannot have the password sent elsewhere, whatever it answers.
func TestPush_sends_the_password_to_the_registry_alone(t *testing.T) {
	path, _ := save(t, "any/name:tag")
	challenge := func(scheme string) func(*http.Request) (int, string, string) {
		return func(*http.Request) (int, string, string) {
			return http.StatusUnauthorized, "Www-Authenticate", scheme + ` realm="https://evil.example/token",service="x"`
		}
	}
	for name, answer := range map[string]func(*http.Request) (int, string, string){
		"a place for tokens": challenge("Bearer"),
		"a realm":            challenge("Basic"),
		"redirects": func(*http.Request) (int, string, string) {
			return http.StatusTemporaryRedirect, "Location", "https://evil.example/v2/"
		},
		"a place for uploads": func(r *http.Request) (int, string, string) {
			if r.Method == http.MethodHead {
				return http.StatusNotFound, "", ""
			}
			return http.StatusAccepted, "Location", "https://evil.example/upload"
		},
	} {
		far := &registry{answer: answer, told: map[string]bool{}}
		push := archive.Push{Tag: "registry.example.com/hello:1", Username: "AWS", Password: "hunter22", Transport: far}
		_, err := push.Push(t.Context(), path)
		delete(far.told, "registry.example.com")
		if err == nil || len(far.told) > 0 || strings.Contains(fmt.Sprint(err), "hunter22") {
			t.Errorf("%s: Push = %v, and the password was sent to %v, want an error, and to none", name, err, far.told)
		}
	}
}
