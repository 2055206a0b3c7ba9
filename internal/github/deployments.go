package github

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/google/go-github/v92/github"

	"pr-stack/internal/poll"
)

// maxDescription is how many characters GitHub accepts as a description.
const maxDescription = 140

// Deployment describes a deployment to open. Ref and Environment must be set.
type Deployment struct {
	Ref         string // a commit's SHA, a branch or a tag
	Environment string
	Task        string // distinguishes the deployments of one environment: deploy:pr-7; "" is deploy
	Description string
	Transient   bool // the environment will be deleted later
	Production  bool // people use the environment
}

// CreateDeployment opens one deployment and returns its ID. After a 5xx or a broken connection it
// looks for the deployment that the call may have opened, and tries again only if there is none.
func (c *Client) CreateDeployment(ctx context.Context, d Deployment) (int64, error) {
	mark := `"` + rand.Text() + `"` // in JSON
	for n := 1; ; n++ {
		id, err := c.createDeployment(ctx, d, mark)
		if f, ok := errors.AsType[*failure](err); !ok || !f.ambiguous() || n == attempts {
			return id, err
		}
		if poll.Pause(ctx, time.Second<<(n-1)) != nil {
			return 0, err
		}
		switch found, unread := c.opened(ctx, d, mark); {
		case unread != nil:
			return 0, err
		case found != 0:
			return found, nil
		}
	}
}

// opened returns the ID of the deployment whose payload is the mark; 0 if there is none.
func (c *Client) opened(ctx context.Context, d Deployment, mark string) (int64, error) {
	for found, err := range c.deployments(ctx, d.Environment, d.Task) {
		if err != nil || string(found.Payload) == mark {
			return found.GetID(), err
		}
	}
	return 0, nil
}

func (c *Client) createDeployment(ctx context.Context, d Deployment, mark string) (int64, error) {
	request := github.DeploymentRequest{
		Ref:         d.Ref,
		AutoMerge:   new(false), // what was built is deployed, not its merge with the default branch
		Payload:     json.RawMessage(mark),
		Environment: &d.Environment,
		Task:        optional(d.Task),
		Description: new(truncate(d.Description, maxDescription)),
		// Not nil: GitHub would require that all checks have passed, and the calling run is one of
		// them.
		RequiredContexts:      []string{},
		TransientEnvironment:  &d.Transient,
		ProductionEnvironment: &d.Production,
	}
	op := c.writes(deployments, !idempotent, "create deployment of %s to %s", d.Ref, d.Environment)
	created, _, err := ask(ctx, op, func(ctx context.Context) (*github.Deployment, *github.Response, error) {
		return c.api.Repositories.CreateDeployment(ctx, c.owner, c.name, request)
	})
	return created.GetID(), err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// deployments yields the deployments of an environment and a task, newest first; "" means any task.
func (c *Client) deployments(ctx context.Context, environment, task string) iter.Seq2[*github.Deployment, error] {
	op := c.reads(deployments, "list deployments to %s", environment)
	return all(ctx, op, func(ctx context.Context, page github.ListOptions) ([]*github.Deployment, *github.Response, error) {
		options := &github.DeploymentsListOptions{Environment: environment, Task: task, ListOptions: page}
		return c.api.Repositories.ListDeployments(ctx, c.owner, c.name, options)
	})
}
