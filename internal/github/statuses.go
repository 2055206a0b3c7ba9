package github

import (
	"context"
	"fmt"

	"github.com/google/go-github/v92/github"
)

// DeploymentStatus is how a deployment stands. State must be set.
type DeploymentStatus struct {
	State          string // queued, in_progress, success, failure, error, inactive
	EnvironmentURL string // "" is none
	LogURL         string // "" is none
	Description    string
}

// SetStatus adds a status to a deployment; the newest counts. Others of its environment keep theirs: previews may share
// one, and GitHub would call all but the newest inactive.
func (c *Client) SetStatus(ctx context.Context, id int64, s DeploymentStatus) error {
	request := github.DeploymentStatusRequest{
		State:        s.State,
		Description:  new(cut(s.Description, mostDescribed)),
		AutoInactive: new(false),
	}
	if s.EnvironmentURL != "" {
		request.EnvironmentURL = &s.EnvironmentURL
	}
	if s.LogURL != "" {
		request.LogURL = &s.LogURL
	}
	doing := fmt.Sprintf("set deployment %d of %s to %s", id, c.repository(), s.State)
	// The same status a second time says what the first says.
	_, _, err := ask(ctx, doing, again, func(ctx context.Context) (*github.DeploymentStatus, *github.Response, error) {
		return c.api.Repositories.CreateDeploymentStatus(ctx, c.owner, c.name, id, request)
	})
	return err
}

// Deactivate sets an environment's deployments of a task to inactive, except for one, and leaves those that are.
func (c *Client) Deactivate(ctx context.Context, environment, task string, except int64) error {
	for id, err := range c.Deployments(ctx, environment, task) {
		if err != nil {
			return err
		}
		if id == except {
			continue
		}
		state, err := c.state(ctx, id)
		if err != nil {
			return err
		}
		if state == "inactive" {
			continue
		}
		if err := c.SetStatus(ctx, id, DeploymentStatus{State: "inactive"}); err != nil {
			return err
		}
	}
	return nil
}

// state is that of a deployment's newest status, or "" if it has none.
func (c *Client) state(ctx context.Context, id int64) (string, error) {
	doing := fmt.Sprintf("read status of deployment %d of %s", id, c.repository())
	statuses, _, err := ask(ctx, doing, again, func(ctx context.Context) ([]*github.DeploymentStatus, *github.Response, error) {
		return c.api.Repositories.ListDeploymentStatuses(ctx, c.owner, c.name, id, &github.ListOptions{PerPage: 1})
	})
	if err != nil || len(statuses) == 0 {
		return "", err
	}
	return statuses[0].GetState(), nil
}
