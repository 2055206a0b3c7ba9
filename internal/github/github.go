// Package github reads one repository's pull requests, commits, files and runs, keeps a comment current
// and records deployments. It only knows GitHub's terms: other packages decide what is deployed, and
// whether to deploy it.
//
// A call is repeated if GitHub asks to wait, or if repeating it changes nothing more; see ask.
package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v92/github"
)

// Options says how to reach GitHub. Repository must be set.
type Options struct {
	APIURL     string            // as in GITHUB_API_URL; "" is https://api.github.com
	Token      string            // "" reads what everyone may read
	Repository string            // owner/name
	Transport  http.RoundTripper // nil is net/http's own
}

// Client calls GitHub's API for one repository. Make it with New; it is safe for concurrent use.
type Client struct {
	api         *github.Client
	owner, name string
}

// New returns a client. It makes no call yet.
func New(o Options) (*Client, error) {
	owner, name, ok := strings.Cut(o.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("GitHub repository %q: want owner/name", o.Repository)
	}
	options := []github.ClientOptionsFunc{
		github.WithHTTPClient(&http.Client{Transport: o.Transport, CheckRedirect: sameHost}),
		github.WithUserAgent("pr-stack"),
		// go-github would refuse further calls until a limit that it remembers ends; ask waits for
		// that itself.
		github.WithDisableRateLimitCheck(),
	}
	if o.Token != "" {
		options = append(options, github.WithAuthToken(o.Token))
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

// sameHost allows redirects, such as that of a renamed repository, only to the same host: go-github
// sends the token wherever a redirect leads.
func sameHost(r *http.Request, via []*http.Request) error {
	if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
		return fmt.Errorf("refused to follow to %s", r.URL.Host)
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

// reads returns the operation of a call that only reads.
func (c *Client) reads(needs permission, format string, args ...any) operation {
	return c.writes(needs, idempotent, format, args...)
}

const idempotent = true

// writes returns the operation of a call that changes something.
func (c *Client) writes(needs permission, idempotent bool, format string, args ...any) operation {
	doing := fmt.Sprintf(format, args...) + " of " + c.owner + "/" + c.name
	return operation{doing: doing, needs: needs, idempotent: idempotent}
}
