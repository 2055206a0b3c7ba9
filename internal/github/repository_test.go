package github_test

import (
	"net/http"
	"testing"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

func TestRepository(t *testing.T) {
	g := fakegithub.New(repository)
	g.SetDefaultBranch("trunk")
	got, err := connect(t, g, "").Repository(t.Context())
	if want := (github.Repository{ID: 1296269, OwnerID: 583231, DefaultBranch: "trunk"}); err != nil || got != want {
		t.Errorf("Repository = %+v, %v, want %+v", got, err, want)
	}
}

// Without a token nothing is sent that could be taken for one.
func TestRepository_without_a_token(t *testing.T) {
	sent := ""
	client, err := github.New(github.Options{Repository: repository, Transport: transport(func(r *http.Request) (*http.Response, error) {
		sent = r.Header.Get("Authorization")
		return fakegithub.New(repository).RoundTrip(r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Repository(t.Context()); err == nil || sent != "" {
		t.Errorf("Repository = %v after sending %q, want a refusal of a call without a token", err, sent)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
