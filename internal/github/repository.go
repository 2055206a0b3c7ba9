package github

import (
	"context"

	"github.com/google/go-github/v92/github"
)

// Repository is what GitHub says about a repository. IDs survive renames.
type Repository struct {
	ID, OwnerID   int64
	DefaultBranch string
}

// Repository returns the client's repository.
func (c *Client) Repository(ctx context.Context) (Repository, error) {
	op := c.reads("", "read the repository")
	found, _, err := ask(ctx, op, func(ctx context.Context) (*github.Repository, *github.Response, error) {
		return c.api.Repositories.Get(ctx, c.owner, c.name)
	})
	if err != nil {
		return Repository{}, err
	}
	return Repository{ID: found.GetID(), OwnerID: found.GetOwner().GetID(), DefaultBranch: found.GetDefaultBranch()}, nil
}
