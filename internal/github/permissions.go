package github

import (
	"context"

	"github.com/google/go-github/v92/github"
)

// Reads are small calls that only read, one for each permission that the token needs. They show that
// the token may read. No call shows that it may write, unless it writes.
func (c *Client) Reads(commit string) map[string]func(context.Context) error {
	one := github.ListOptions{PerPage: 1}
	reads := map[string]func(context.Context) error{
		string(pullRequests): func(ctx context.Context) error {
			op := c.reads(pullRequests, "list open pull requests")
			_, _, err := ask(ctx, op, func(ctx context.Context) ([]*github.PullRequest, *github.Response, error) {
				return c.api.PullRequests.List(ctx, c.owner, c.name, &github.PullRequestListOptions{ListOptions: one})
			})
			return err
		},
		string(deployments): func(ctx context.Context) error {
			op := c.reads(deployments, "list deployments")
			_, _, err := ask(ctx, op, func(ctx context.Context) ([]*github.Deployment, *github.Response, error) {
				return c.api.Repositories.ListDeployments(ctx, c.owner, c.name, &github.DeploymentsListOptions{ListOptions: one})
			})
			return err
		},
	}
	if commit != "" {
		reads[string(contents)] = func(ctx context.Context) error {
			_, err := c.Message(ctx, commit)
			return err
		}
	}
	return reads
}
