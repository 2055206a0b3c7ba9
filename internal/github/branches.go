package github

import (
	"context"
	"errors"

	"github.com/google/go-github/v92/github"
)

// Head returns the SHA of a branch's newest commit, or "" if there is no such branch.
// https://docs.github.com/rest/git/refs#get-a-reference
func (c *Client) Head(ctx context.Context, branch string) (string, error) {
	op := c.reads(contents, "read branch %s", branch)
	ref, _, err := ask(ctx, op, func(ctx context.Context) (*github.Reference, *github.Response, error) {
		return c.api.Git.GetRef(ctx, c.owner, c.name, "heads/"+branch)
	})
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return ref.GetObject().GetSHA(), err
}
