// Package github asks GitHub about one repository's pull requests and commits, keeps a comment current and records
// deployments. It speaks GitHub's words only: what is deployed, and whether it should be, is for others to say.
//
// Every call is made again where GitHub asks for patience and where that cannot do a thing twice; see ask.
package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v92/github"
)

// Options is how GitHub is reached. Token and Repository must be set.
type Options struct {
	APIURL     string // as in GITHUB_API_URL; "" is https://api.github.com
	Token      string
	Repository string            // owner/name
	Transport  http.RoundTripper // nil is net/http's own
}

// Client asks about one repository. Make it with New; it is safe for concurrent use.
type Client struct {
	api         *github.Client
	owner, name string
}

// New returns a client. It asks GitHub nothing yet.
func New(o Options) (*Client, error) {
	owner, name, ok := strings.Cut(o.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("GitHub repository %q: want owner/name", o.Repository)
	}
	if o.Token == "" {
		return nil, errors.New("GitHub: there is no token")
	}
	options := []github.ClientOptionsFunc{
		github.WithHTTPClient(&http.Client{Transport: o.Transport, CheckRedirect: sameHost}),
		github.WithAuthToken(o.Token),
		github.WithUserAgent("pr-stack"),
		// go-github would refuse to ask again before the time that it remembers; ask keeps that time itself.
		github.WithDisableRateLimitCheck(),
	}
	if o.APIURL != "" {
		if u, err := url.Parse(o.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("GitHub API URL %q: want one such as https://api.github.com", o.APIURL)
		}
		options = append(options, github.WithURLs(&o.APIURL, nil))
	}
	api, err := github.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &Client{api: api, owner: owner, name: name}, nil
}

// sameHost follows what GitHub answers for a repository that was renamed, but to no other host: go-github sends the token
// along wherever a redirect leads.
func sameHost(r *http.Request, via []*http.Request) error {
	if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
		return fmt.Errorf("refused to follow to %s", r.URL.Host)
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

func (c *Client) repository() string { return c.owner + "/" + c.name }
