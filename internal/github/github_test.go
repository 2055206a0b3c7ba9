package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

const (
	repository = "octo-org/hello-world"
	head       = "0123456789abcdef0123456789abcdef01234567"
	base       = "89abcdef0123456789abcdef0123456789abcdef" // of every pull request
)

func connect(t *testing.T, transport http.RoundTripper, apiURL string) *github.Client {
	t.Helper()
	client, err := github.New(github.Options{APIURL: apiURL, Token: "ghs_token", Repository: repository, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Branches of two forks may have the same name.
func TestOpenPullRequestsFrom(t *testing.T) {
	g := fakegithub.New(repository)
	for number := 1; number <= 150; number++ {
		g.Open(number, head)
		g.SetHeadRepository(number, "stranger/hello-world")
	}
	g.Close(2, false)
	g.SetHeadRepository(3, "another/hello-world")
	g.SetHeadRepository(4, "")
	client := connect(t, g, "")
	pulls, err := client.OpenPullRequestsFrom(t.Context(), "stranger", "faster-hello")
	if err != nil || len(pulls) != 147 {
		t.Errorf("OpenPullRequestsFrom = %d pull requests, %v, want 147", len(pulls), err)
	}
	for _, pull := range pulls {
		if pull.HeadRepo != "stranger/hello-world" || pull.Head != head || !pull.Open {
			t.Errorf("OpenPullRequestsFrom has %+v", pull)
		}
	}
	for _, from := range [][2]string{{"stranger", "main"}, {"nobody", "faster-hello"}} {
		if pulls, err := client.OpenPullRequestsFrom(t.Context(), from[0], from[1]); err != nil || len(pulls) != 0 {
			t.Errorf("OpenPullRequestsFrom(%q) = %v, %v, want none", from, pulls, err)
		}
	}
	g.Inject(fakegithub.Fault{Status: 403, Message: "Resource not accessible by integration"})
	if _, err := client.OpenPullRequestsFrom(t.Context(), "stranger", "faster-hello"); !errors.Is(err, github.ErrForbidden) {
		t.Errorf("OpenPullRequestsFrom = %v, want it forbidden", err)
	}
}

func TestNew_refuses_what_cannot_work(t *testing.T) {
	for name, o := range map[string]github.Options{
		"no owner":       {Token: "t", Repository: "hello-world"},
		"no name":        {Token: "t", Repository: "octo-org/"},
		"a path":         {Token: "t", Repository: "octo-org/hello-world/x"},
		"no URL's host":  {Token: "t", Repository: repository, APIURL: "ghe.example/api/v3"},
		"not a web page": {Token: "t", Repository: repository, APIURL: "file:///api"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := github.New(o); err == nil {
				t.Errorf("New(%+v) = nil, want an error", o)
			}
		})
	}
}

func TestPullRequest_is_read_wherever_GitHub_is(t *testing.T) {
	for _, url := range []string{"", "https://api.github.com", "https://ghe.example/api/v3", "https://ghe.example/api/v3/"} {
		t.Run(url, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			client := connect(t, g, url)
			want := github.PullRequest{
				Number: 7, Open: true, Head: head, HeadRepo: repository, Base: base, BaseRepo: repository, BaseBranch: "main",
				Author: "octo-dev",
			}
			if pull, err := client.PullRequest(t.Context(), 7); err != nil || !cmp.Equal(pull, want) {
				t.Errorf("PullRequest = %+v, %v", pull, err)
			}
			g.Push(7, strings.Repeat("8", 40))
			g.Close(7, true)
			if pull, err := client.PullRequest(t.Context(), 7); err != nil || pull.Open || !pull.Merged || pull.Head != strings.Repeat("8", 40) {
				t.Errorf("PullRequest of a closed one = %+v, %v", pull, err)
			}
		})
	}
}

func TestPullRequest_over_a_socket(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	server := httptest.NewServer(g)
	defer server.Close()
	if pull, err := connect(t, nil, server.URL+"/api/v3").PullRequest(t.Context(), 7); err != nil || pull.Head != head {
		t.Errorf("PullRequest = %+v, %v", pull, err)
	}
}

func TestPullRequest_has_all_fields(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakegithub.GitHub)
		want   github.PullRequest
	}{
		"labels":         {func(g *fakegithub.GitHub) { g.SetLabels(7, "preview", "big") }, github.PullRequest{Open: true, HeadRepo: repository, Author: "octo-dev", Labels: []string{"preview", "big"}}},
		"a draft":        {func(g *fakegithub.GitHub) { g.SetDraft(7, true) }, github.PullRequest{Open: true, Draft: true, HeadRepo: repository, Author: "octo-dev"}},
		"a bot":          {func(g *fakegithub.GitHub) { g.SetAuthor(7, "dependabot[bot]") }, github.PullRequest{Open: true, HeadRepo: repository, Author: "dependabot[bot]", AuthorIsBot: true}},
		"a fork":         {func(g *fakegithub.GitHub) { g.SetHeadRepository(7, "dev/hello") }, github.PullRequest{Open: true, HeadRepo: "dev/hello", Author: "octo-dev"}},
		"a deleted fork": {func(g *fakegithub.GitHub) { g.SetHeadRepository(7, "") }, github.PullRequest{Open: true, Author: "octo-dev"}},
		"closed":         {func(g *fakegithub.GitHub) { g.Close(7, false) }, github.PullRequest{HeadRepo: repository, Author: "octo-dev"}},
		"opened again":   {func(g *fakegithub.GitHub) { g.Close(7, false); g.Reopen(7) }, github.PullRequest{Open: true, HeadRepo: repository, Author: "octo-dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			test.change(g)
			test.want.Number, test.want.Head, test.want.Base, test.want.BaseRepo, test.want.BaseBranch = 7, head, base, repository, "main"
			got, err := connect(t, g, "").PullRequest(t.Context(), 7)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("PullRequest: %v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestListings_are_read_to_the_last_page(t *testing.T) {
	g := fakegithub.New(repository)
	g.SetPageSize(2)
	for number := 1; number <= 5; number++ {
		g.Open(number, head)
	}
	g.Close(4, true)
	g.SetMessage(head, "Say hello faster\n\nIn half the time.")
	g.SetFiles(3, "a.go", "b.go", "old/c.go => new/c.go", "d.go", "e.go")
	client := connect(t, g, "https://ghe.example/api/v3")

	pulls, err := client.OpenPullRequestsFrom(t.Context(), "octo-org", "faster-hello")
	if err != nil || len(pulls) != 4 {
		t.Errorf("OpenPullRequestsFrom = %v, %v, want all but the one that is closed", pulls, err)
	}
	files, err := client.Files(t.Context(), 3)
	if err != nil || !slices.Equal(files, []string{"a.go", "b.go", "new/c.go", "old/c.go", "d.go", "e.go"}) {
		t.Errorf("Files = %v, %v", files, err)
	}
	message, err := client.Message(t.Context(), head)
	if err != nil || message != "Say hello faster\n\nIn half the time." {
		t.Errorf("Message = %q, %v", message, err)
	}
}

func TestErrors_are_short_and_distinguishable(t *testing.T) {
	const doing = "read pull request 7 of octo-org/hello-world: "
	for name, test := range map[string]struct {
		fault fakegithub.Fault
		is    error
		want  string
	}{
		"no such":       {fakegithub.Fault{}, github.ErrNotFound, doing + "404 Not Found"},
		"no permission": {fakegithub.Fault{Status: 403, Message: "Resource not accessible by integration"}, github.ErrForbidden, doing + "403 Resource not accessible by integration"},
		"a bad token":   {fakegithub.Fault{Status: 401, Message: "Bad credentials"}, github.ErrForbidden, doing + "401 Bad credentials"},
		"neither":       {fakegithub.Fault{Status: 451, Message: "Repository access blocked"}, nil, doing + "451 Repository access blocked"},
		"no words":      {fakegithub.Fault{Status: 410}, nil, doing + "410 Gone"},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Inject(test.fault)
			_, err := connect(t, g, "").PullRequest(t.Context(), 7)
			if err == nil || err.Error() != test.want {
				t.Fatalf("PullRequest = %v, want %s", err, test.want)
			}
			for _, kind := range []error{github.ErrNotFound, github.ErrForbidden} {
				if errors.Is(err, kind) != (kind == test.is) {
					t.Errorf("errors.Is(%v, %v) = %t", err, kind, errors.Is(err, kind))
				}
			}
			if calls := len(g.Calls()); calls != 1 {
				t.Errorf("%d calls, want 1: no other answer will come", calls)
			}
		})
	}
}

func TestToken_stays_with_GitHub(t *testing.T) {
	var hosts []string
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, fmt.Sprint(r.URL.Host, " ", r.Header.Get("Authorization")))
		return &http.Response{StatusCode: http.StatusMovedPermanently, Header: http.Header{"Location": {"https://elsewhere.example/x"}}, Body: http.NoBody, Request: r}, nil
	})
	_, err := connect(t, transport, "").PullRequest(t.Context(), 7)
	if err == nil || strings.Contains(err.Error(), "ghs_token") || !slices.Equal(hosts, []string{"api.github.com Bearer ghs_token"}) {
		t.Errorf("PullRequest = %v after asking %v, want an error after asking api.github.com alone", err, hosts)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A sweep considers a pull request that is not among them as closed, and asks for each such one
// separately.
func TestOpenPullRequests_are_all_that_are_open(t *testing.T) {
	g := fakegithub.New(repository)
	for number := 1; number <= 150; number++ {
		g.Open(number, head)
	}
	g.Close(2, false)
	g.Close(3, true)
	client := connect(t, g, "")
	open, err := client.OpenPullRequests(t.Context())
	if err != nil || len(open) != 148 || !open[1] || open[2] || open[3] || !open[150] {
		t.Errorf("OpenPullRequests = %d, %v, want 148, and neither 2 nor 3 among them", len(open), err)
	}
	if calls := len(g.Calls()); calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

// With only a part of the files, a pull request might seem to change nothing that an environment is
// for; with only a part of the pull requests, one might seem closed.
func TestListings_are_whole_or_an_error(t *testing.T) {
	g := fakegithub.New(repository)
	g.SetPageSize(2)
	for number := 1; number <= 5; number++ {
		g.Open(number, head)
	}
	g.SetFiles(3, "a.go", "b.go", "c.go")
	client := connect(t, g, "")
	refused := fakegithub.Fault{Skip: 1, Status: 403, Message: "Resource not accessible by integration"}
	for name, list := range map[string]func() (int, error){
		"OpenPullRequests": func() (int, error) { all, err := client.OpenPullRequests(t.Context()); return len(all), err },
		"OpenPullRequestsFrom": func() (int, error) {
			all, err := client.OpenPullRequestsFrom(t.Context(), "octo-org", "faster-hello")
			return len(all), err
		},
		"Files": func() (int, error) { all, err := client.Files(t.Context(), 3); return len(all), err },
	} {
		g.Heal()
		g.Inject(refused)
		if n, err := list(); n > 0 || !errors.Is(err, github.ErrForbidden) {
			t.Errorf("%s = %d of them, %v, want an error when the second page is refused", name, n, err)
		}
	}
}
