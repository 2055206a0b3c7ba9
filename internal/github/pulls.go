package github

import (
	"context"
	"strings"
	"time"

	"github.com/google/go-github/v92/github"
)

// PullRequest is a pull request as it is now, which may be newer than the event that named it.
type PullRequest struct {
	Number      int
	Open        bool
	Merged      bool
	Draft       bool
	Head        string // the newest commit's SHA
	HeadRepo    string // owner/name; "" if the fork was deleted
	Base        string // the SHA of the commit that it is to be merged into; nobody from a fork wrote that commit
	BaseRepo    string
	BaseBranch  string
	MergedAt    time.Time // zero if it is not merged
	MergeCommit string    // the commit that its merge made the base branch's newest; "" if it is not merged
	Labels      []string
	Author      string
	AuthorIsBot bool
}

// PullRequest returns one pull request.
func (c *Client) PullRequest(ctx context.Context, number int) (PullRequest, error) {
	op := c.reads(pullRequests, "read pull request %d", number)
	pull, _, err := ask(ctx, op, func(ctx context.Context) (*github.PullRequest, *github.Response, error) {
		return c.api.PullRequests.Get(ctx, c.owner, c.name, number)
	})
	if err != nil {
		return PullRequest{}, err
	}
	return pullRequest(pull), nil
}

// OpenPullRequests returns the numbers of all open pull requests, with one call for a hundred of
// them. One call for each would use up the calls that a token may make in an hour.
func (c *Client) OpenPullRequests(ctx context.Context) (map[int]bool, error) {
	op := c.reads(pullRequests, "list open pull requests")
	open := map[int]bool{}
	list := func(ctx context.Context, page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		options := &github.PullRequestListOptions{State: "open", ListOptions: page}
		return c.api.PullRequests.List(ctx, c.owner, c.name, options)
	}
	for pull, err := range all(ctx, op, list) {
		if err != nil {
			return nil, err
		}
		open[pull.GetNumber()] = true
	}
	return open, nil
}

// OpenPullRequestsFrom returns the open pull requests from a branch, which may belong to a fork.
func (c *Client) OpenPullRequestsFrom(ctx context.Context, owner, branch string) ([]PullRequest, error) {
	op := c.reads(pullRequests, "list open pull requests from %s:%s", owner, branch)
	var pulls []PullRequest
	list := func(ctx context.Context, page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		options := &github.PullRequestListOptions{State: "open", Head: owner + ":" + branch, ListOptions: page}
		return c.api.PullRequests.List(ctx, c.owner, c.name, options)
	}
	for pull, err := range all(ctx, op, list) {
		if err != nil {
			return nil, err
		}
		pulls = append(pulls, pullRequest(pull))
	}
	return pulls, nil
}

// Files returns the paths that a pull request changes, and the old path of a renamed file as well.
// GitHub lists at most 3000 files.
func (c *Client) Files(ctx context.Context, number int) ([]string, error) {
	op := c.reads(pullRequests, "list files of pull request %d", number)
	var paths []string
	list := func(ctx context.Context, page github.ListOptions) ([]*github.CommitFile, *github.Response, error) {
		return c.api.PullRequests.ListFiles(ctx, c.owner, c.name, number, &page)
	}
	for file, err := range all(ctx, op, list) {
		if err != nil {
			return nil, err
		}
		paths = append(paths, file.GetFilename())
		if previous := file.GetPreviousFilename(); previous != "" {
			paths = append(paths, previous)
		}
	}
	return paths, nil
}

func pullRequest(pull *github.PullRequest) PullRequest {
	p := PullRequest{
		Number:      pull.GetNumber(),
		Open:        pull.GetState() == "open",
		Merged:      pull.MergedAt != nil, // a listing has no field "merged"
		Draft:       pull.GetDraft(),
		Head:        pull.GetHead().GetSHA(),
		HeadRepo:    pull.GetHead().GetRepo().GetFullName(),
		Base:        pull.GetBase().GetSHA(),
		BaseRepo:    pull.GetBase().GetRepo().GetFullName(),
		BaseBranch:  pull.GetBase().GetRef(),
		Author:      pull.GetUser().GetLogin(),
		AuthorIsBot: isBot(pull.GetUser()),
	}
	if p.Merged {
		// Before, it is that of a test merge. After, it is the merge commit, the squashed commit, or the last
		// of the rebased ones. https://docs.github.com/rest/pulls/pulls#get-a-pull-request
		p.MergedAt, p.MergeCommit = pull.GetMergedAt().Time, pull.GetMergeCommitSHA()
	}
	for _, label := range pull.Labels {
		p.Labels = append(p.Labels, label.GetName())
	}
	return p
}

func isBot(user *github.User) bool { return strings.EqualFold(user.GetType(), "Bot") }
