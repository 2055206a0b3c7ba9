package github

import (
	"context"
	"fmt"
	"net/url"

	"github.com/google/go-github/v92/github"
)

// MergedPullRequests returns the merged pull requests that a commit belongs to: the one that brought it
// into the default branch, if it is there. It may be none, or several; a pull request whose MergeCommit is
// another commit has the commit among others: as one of those that were pushed to it, or of those that a
// rebase made.
// https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit
func (c *Client) MergedPullRequests(ctx context.Context, sha string) ([]PullRequest, error) {
	op := c.reads(pullRequests, "list pull requests with commit %s", sha)
	var merged []PullRequest
	list := func(ctx context.Context, page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		return c.api.PullRequests.ListPullRequestsWithCommit(ctx, c.owner, c.name, url.PathEscape(sha), &page)
	}
	for pull, err := range all(ctx, op, list) {
		if err != nil {
			return nil, err
		}
		if p := pullRequest(pull); p.Merged {
			merged = append(merged, p)
		}
	}
	return merged, nil
}

// Message returns a commit's whole message.
func (c *Client) Message(ctx context.Context, sha string) (string, error) {
	_, commit, err := c.commit(ctx, sha)
	return commit.GetMessage(), err
}

// Tree returns the SHA of a commit's tree. Two commits with the same tree have the same files. The commit
// may be in no branch, such as GitHub's merge of a pull request with its base, which is checked out on
// pull_request.
func (c *Client) Tree(ctx context.Context, sha string) (string, error) {
	op, commit, err := c.commit(ctx, sha)
	if err != nil {
		return "", err
	}
	if tree := commit.GetTree().GetSHA(); tree != "" {
		return tree, nil
	}
	return "", fmt.Errorf("%s: GitHub's answer has no tree", op.doing)
}

// commit reads a commit by the Git database API, which returns it without its diff; the repository API
// would include the diff.
// https://docs.github.com/rest/git/commits#get-a-commit-object
func (c *Client) commit(ctx context.Context, sha string) (operation, *github.Commit, error) {
	op := c.reads(contents, "read commit %s", sha)
	commit, _, err := ask(ctx, op, func(ctx context.Context) (*github.Commit, *github.Response, error) {
		return c.api.Git.GetCommit(ctx, c.owner, c.name, url.PathEscape(sha))
	})
	return op, commit, err
}
