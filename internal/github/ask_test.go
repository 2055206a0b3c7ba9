package github_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

func TestCalls_are_repeated_as_GitHub_asks(t *testing.T) {
	const limit = "You have exceeded a secondary rate limit"
	for name, c := range map[string]struct {
		fault func() fakegithub.Fault // called in the bubble, since the fault uses the bubble's clock
		took  time.Duration
		calls int
		want  string // in the error; "" is none
	}{
		"5xx":            {func() fakegithub.Fault { return fakegithub.Fault{Status: 502, Times: 2} }, 3 * time.Second, 3, ""},
		"5xx that stays": {func() fakegithub.Fault { return fakegithub.Fault{Status: 502} }, 15 * time.Second, 5, "502 Bad Gateway"},
		"5xx that names a time": {func() fakegithub.Fault {
			return fakegithub.Fault{Status: 503, Times: 1, Header: map[string]string{"Retry-After": "9"}}
		}, 9 * time.Second, 2, ""},
		"broken connections":         {func() fakegithub.Fault { return fakegithub.Fault{Break: true, Times: 2} }, 3 * time.Second, 3, ""},
		"an answer that is lost":     {func() fakegithub.Fault { return fakegithub.Fault{Lost: true, Times: 1} }, time.Second, 2, ""},
		"no answer":                  {func() fakegithub.Fault { return fakegithub.Fault{Delay: time.Hour, Times: 1} }, 31 * time.Second, 2, ""},
		"never an answer":            {func() fakegithub.Fault { return fakegithub.Fault{Delay: time.Hour} }, 165 * time.Second, 5, "no answer within 30s"},
		"a slow answer":              {func() fakegithub.Fault { return fakegithub.Fault{Delay: 20 * time.Second} }, 20 * time.Second, 1, ""},
		"a secondary limit":          {func() fakegithub.Fault { return fakegithub.SecondaryLimit(403, 20*time.Second) }, 20 * time.Second, 2, ""},
		"a secondary limit by 429":   {func() fakegithub.Fault { return fakegithub.SecondaryLimit(429, 20*time.Second) }, 20 * time.Second, 2, ""},
		"a limit without a time":     {func() fakegithub.Fault { return fakegithub.Fault{Status: 403, Message: limit, Times: 1} }, time.Minute, 2, ""},
		"429 without a time":         {func() fakegithub.Fault { return fakegithub.Fault{Status: 429, Times: 1} }, time.Minute, 2, ""},
		"a limit that stays":         {func() fakegithub.Fault { return fakegithub.Fault{Status: 403, Message: limit} }, time.Minute, 2, limit},
		"a primary limit":            {func() fakegithub.Fault { return fakegithub.PrimaryLimit(time.Now().Add(time.Minute)) }, time.Minute, 2, ""},
		"a primary limit, too long":  {func() fakegithub.Fault { return fakegithub.PrimaryLimit(time.Now().Add(40 * time.Minute)) }, 0, 1, "403 API rate limit exceeded for installation ID 1. (try again in 40m0s)"},
		"a secondary one, too long":  {func() fakegithub.Fault { return fakegithub.SecondaryLimit(429, 61*time.Second) }, 0, 1, "(try again in 1m1s)"},
		"every other call is broken": {func() fakegithub.Fault { return fakegithub.Fault{Break: true, Every: 2, Skip: 1} }, 0, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := fakegithub.New(repository)
				g.Open(7, head)
				g.Inject(c.fault())
				began := time.Now()
				pull, err := connect(t, g, "").PullRequest(t.Context(), 7)
				if took, calls := time.Since(began), len(g.Calls()); took != c.took || calls != c.calls {
					t.Errorf("PullRequest took %s and %d calls, want %s and %d", took, calls, c.took, c.calls)
				}
				if c.want == "" && (err != nil || pull.Head != head) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("PullRequest = %+v, %v, want an error with %q", pull, err, c.want)
				}
				if errors.Is(err, github.ErrForbidden) {
					t.Errorf("errors.Is(%v, ErrForbidden), want a limit to be something else", err)
				}
			})
		})
	}
}

func TestReset_is_measured_by_GitHubs_clock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		limit := fakegithub.PrimaryLimit(time.Now().Add(-time.Hour + 30*time.Second))
		limit.Until, limit.Times = time.Time{}, 1
		limit.Header["Date"] = time.Now().Add(-time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		g.Inject(limit)
		began := time.Now()
		if _, err := connect(t, g, "").PullRequest(t.Context(), 7); err != nil || time.Since(began) != 30*time.Second {
			t.Errorf("PullRequest = %v after %s, want it after 30s", err, time.Since(began))
		}
	})
}

// By default, go-github remembers a limit and refuses further calls until the limit ends.
func TestLimits_are_not_remembered_for_other_calls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		limit := fakegithub.PrimaryLimit(time.Now().Add(time.Hour))
		limit.Times = 1
		g.Inject(limit)
		client := connect(t, g, "")
		if _, err := client.PullRequest(t.Context(), 7); err == nil {
			t.Fatal("PullRequest = nil, want the limit")
		}
		if _, err := client.PullRequest(t.Context(), 7); err != nil {
			t.Errorf("PullRequest = %v, want what GitHub answers now", err)
		}
	})
}

func TestCalls_end_with_the_context(t *testing.T) {
	cause := errors.New("the job was cancelled")
	for name, c := range map[string]struct {
		fault fakegithub.Fault
		want  string
	}{
		"while asking":  {fakegithub.Fault{Delay: time.Hour}, "read pull request 7 of octo-org/hello-world: the job was cancelled"},
		"while waiting": {fakegithub.Fault{Status: 502, Message: "Server Error", Header: map[string]string{"Retry-After": "50"}}, "read pull request 7 of octo-org/hello-world: 502 Server Error: the job was cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := fakegithub.New(repository)
				g.Inject(c.fault)
				ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, cause)
				defer cancel()
				began := time.Now()
				_, err := connect(t, g, "").PullRequest(ctx, 7)
				if !errors.Is(err, cause) || err.Error() != c.want || time.Since(began) != 3*time.Second {
					t.Errorf("PullRequest = %v after %s, want %s after 3s", err, time.Since(began), c.want)
				}
			})
		})
	}
}

func TestInvalid_calls_are_not_repeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if _, err := connect(t, fakegithub.New(repository), "").Message(t.Context(), ".."); err == nil || time.Since(began) != 0 {
			t.Errorf("Message(..) = %v after %s, want an error at once", err, time.Since(began))
		}
	})
}
