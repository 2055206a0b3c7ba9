package github

import (
	"context"
	"errors"
	"slices"

	"github.com/google/go-github/v92/github"
)

// DeploymentStatus is one status of a deployment. State must be set.
type DeploymentStatus struct {
	State          string // queued, in_progress, success, failure, error, inactive
	EnvironmentURL string // "" is none
	LogURL         string // "" is none
	Description    string
}

// SetStatus adds a status to a deployment; the newest counts. Other deployments of the same
// environment keep their status: previews may share one environment, and GitHub would set all but
// the newest to inactive.
func (c *Client) SetStatus(ctx context.Context, id int64, s DeploymentStatus) error {
	request := github.DeploymentStatusRequest{
		State:        s.State,
		Description:  new(truncate(s.Description, maxDescription)),
		AutoInactive: new(false),
	}
	if s.EnvironmentURL != "" {
		request.EnvironmentURL = &s.EnvironmentURL
	}
	if s.LogURL != "" {
		request.LogURL = &s.LogURL
	}
	// Adding the same status a second time does not change the state.
	op := c.writes(deployments, idempotent, "set deployment %d to %s", id, s.State)
	_, _, err := ask(ctx, op, func(ctx context.Context) (*github.DeploymentStatus, *github.Response, error) {
		return c.api.Repositories.CreateDeploymentStatus(ctx, c.owner, c.name, id, request)
	})
	return err
}

// Deactivate sets all deployments of an environment's task to inactive, except those that already
// are.
func (c *Client) Deactivate(ctx context.Context, environment, task string) error {
	return c.deactivate(ctx, environment, task, func(id int64, state string) bool { return state != "inactive" })
}

// DeactivateBefore sets to inactive the deployments of an environment's task that were opened before
// the given one, which replaces them. A failed one stays failed, as with GitHub's own auto_inactive,
// since the failure is the history of its commit; one that is still in progress because its run was
// killed becomes inactive.
func (c *Client) DeactivateBefore(ctx context.Context, environment, task string, id int64) error {
	return c.deactivate(ctx, environment, task, func(other int64, state string) bool {
		return other < id && !slices.Contains([]string{"inactive", "failure", "error"}, state)
	})
}

func (c *Client) deactivate(ctx context.Context, environment, task string, ends func(id int64, state string) bool) error {
	if environment == "" {
		return errors.New("list deployments: the environment is empty, and GitHub would list those of all")
	}
	for d, err := range c.deployments(ctx, environment, task) {
		if err != nil {
			return err
		}
		state, err := c.state(ctx, d.GetID())
		if err != nil {
			return err
		}
		if !ends(d.GetID(), state) {
			continue
		}
		if err := c.SetStatus(ctx, d.GetID(), DeploymentStatus{State: "inactive"}); err != nil {
			return err
		}
	}
	return nil
}

// state returns a deployment's newest state, or "" if it has none.
func (c *Client) state(ctx context.Context, id int64) (string, error) {
	op := c.reads(deployments, "read status of deployment %d", id)
	statuses, _, err := ask(ctx, op, func(ctx context.Context) ([]*github.DeploymentStatus, *github.Response, error) {
		return c.api.Repositories.ListDeploymentStatuses(ctx, c.owner, c.name, id, &github.ListOptions{PerPage: 1})
	})
	if err != nil || len(statuses) == 0 {
		return "", err
	}
	return statuses[0].GetState(), nil
}
