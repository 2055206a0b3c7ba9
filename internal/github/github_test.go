package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/fakegithub"
	"pr-stack/internal/github"
)

const head = "0123456789abcdef0123456789abcdef01234567"

func connect(t *testing.T, g *fakegithub.GitHub, apiURL string) *github.Client {
	t.Helper()
	client, err := github.New(github.Options{APIURL: apiURL, Token: "ghs_token", Repository: "octo-org/hello-world", Transport: g})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPullRequest_is_read_wherever_GitHub_is(t *testing.T) {
	for _, url := range []string{"", "https://api.github.com", "https://ghe.example/api/v3", "https://ghe.example/api/v3/"} {
		t.Run(url, func(t *testing.T) {
			g := fakegithub.New("octo-org/hello-world")
			g.Open(7, head)
			client := connect(t, g, url)
			if pull, err := client.PullRequest(t.Context(), 7); err != nil || pull != (github.PullRequest{Number: 7, Open: true, Head: head}) {
				t.Errorf("PullRequest = %+v, %v", pull, err)
			}
			g.Push(7, strings.Repeat("8", 40))
			g.Close(7, true)
			if pull, err := client.PullRequest(t.Context(), 7); err != nil || pull.Open || pull.Head != strings.Repeat("8", 40) {
				t.Errorf("PullRequest of a closed one = %+v, %v", pull, err)
			}
		})
	}
}

func TestPullRequest_that_GitHub_does_not_show(t *testing.T) {
	g := fakegithub.New("octo-org/hello-world")
	client := connect(t, g, "")
	if _, err := client.PullRequest(t.Context(), 9); !errors.Is(err, github.ErrNotFound) || err.Error() != "read pull request 9 of octo-org/hello-world: not found: 404 Not Found" {
		t.Errorf("PullRequest = %v, want ErrNotFound", err)
	}
	g.Inject(fakegithub.Fault{Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
	_, err := client.PullRequest(t.Context(), 9)
	if !errors.Is(err, github.ErrForbidden) || strings.Contains(err.Error(), "ghs_token") || len(g.Calls()) != 2 {
		t.Errorf("PullRequest = %v after %d calls, want ErrForbidden at once", err, len(g.Calls()))
	}
}

func TestCalls_are_made_again_as_GitHub_asks(t *testing.T) {
	reset := func(d time.Duration) map[string]string {
		return map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(time.Now().Add(d).Unix())}
	}
	for name, c := range map[string]struct {
		fault  func() fakegithub.Fault
		waits  time.Duration // at least, and no more than ten seconds longer
		giveUp bool
	}{
		"a fault of its own": {fault: func() fakegithub.Fault { return fakegithub.Fault{Status: 502, Times: 2} }, waits: 3 * time.Second},
		"broken connections": {fault: func() fakegithub.Fault { return fakegithub.Fault{Break: true, Times: 2} }, waits: 3 * time.Second},
		"a secondary limit": {fault: func() fakegithub.Fault {
			return fakegithub.Fault{Status: 403, Message: "You have exceeded a secondary rate limit", Header: map[string]string{"Retry-After": "20"}, Times: 1}
		}, waits: 20 * time.Second},
		"a primary limit that ends soon": {fault: func() fakegithub.Fault {
			return fakegithub.Fault{Status: 403, Message: "API rate limit exceeded", Header: reset(30 * time.Second), Times: 1}
		}, waits: 30 * time.Second},
		"a primary limit that does not": {fault: func() fakegithub.Fault {
			return fakegithub.Fault{Status: 403, Message: "API rate limit exceeded", Header: reset(time.Hour), Times: 1}
		}, giveUp: true},
		"a fault that stays": {fault: func() fakegithub.Fault { return fakegithub.Fault{Status: 500} }, waits: 15 * time.Second, giveUp: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := fakegithub.New("octo-org/hello-world")
				g.Open(7, head)
				g.Inject(c.fault())
				began := time.Now()
				_, err := connect(t, g, "").PullRequest(t.Context(), 7)
				if took := time.Since(began); (err != nil) != c.giveUp || took < c.waits || took > c.waits+10*time.Second {
					t.Errorf("PullRequest = %v after %s, want an error: %t, after %s", err, took, c.giveUp, c.waits)
				}
			})
		})
	}
}

func TestCalls_end_with_the_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New("octo-org/hello-world")
		g.Inject(fakegithub.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := connect(t, g, "").PullRequest(ctx, 7); err == nil || time.Since(began) != 3*time.Second {
			t.Errorf("PullRequest = %v after %s, want an error after 3s", err, time.Since(began))
		}
	})
}
