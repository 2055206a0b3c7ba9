package github

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/go-github/v92/github"

	"pr-stack/internal/poll"
)

// mostDescribed is how many characters GitHub takes as a description.
const mostDescribed = 140

// Deployment is what a deployment is opened with. Ref and Environment must be set.
type Deployment struct {
	Ref         string // a commit's SHA, a branch or a tag
	Environment string
	Task        string // what tells the deployments of one environment apart: deploy:pr-7; "" is deploy
	Description string
	Transient   bool // the environment will be gone some day
	Production  bool // people use the environment
}

// CreateDeployment opens one deployment and returns its ID. After a 5xx or a broken connection it looks for what it may
// have opened, and only if there is none tries again.
func (c *Client) CreateDeployment(ctx context.Context, d Deployment) (int64, error) {
	mark := `"` + rand.Text() + `"` // in JSON
	for n := 1; ; n++ {
		id, err := c.createDeployment(ctx, d, mark)
		if f, ok := errors.AsType[*failure](err); !ok || !f.unsure() || n == attempts {
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

// opened returns the deployment whose payload is the mark, 0 if there is none.
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
		AutoMerge:   new(false), // what was built is deployed, not that merged with the default branch
		Payload:     json.RawMessage(mark),
		Environment: &d.Environment,
		Task:        optional(d.Task),
		Description: new(cut(d.Description, mostDescribed)),
		// Not nil: GitHub would ask for all checks to have passed, of which the run that calls is one.
		RequiredContexts:      []string{},
		TransientEnvironment:  &d.Transient,
		ProductionEnvironment: &d.Production,
	}
	doing := fmt.Sprintf("create deployment of %s to %s of %s", d.Ref, d.Environment, c.repository())
	created, _, err := ask(ctx, doing, once, func(ctx context.Context) (*github.Deployment, *github.Response, error) {
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

// Deployments yields the IDs of an environment's deployments of a task, newest first; "" is any task.
func (c *Client) Deployments(ctx context.Context, environment, task string) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		if environment == "" {
			yield(0, errors.New("list deployments: no environment is named, and GitHub would list those of all"))
			return
		}
		for d, err := range c.deployments(ctx, environment, task) {
			if !yield(d.GetID(), err) {
				return
			}
		}
	}
}

func (c *Client) deployments(ctx context.Context, environment, task string) iter.Seq2[*github.Deployment, error] {
	doing := fmt.Sprintf("list deployments to %s of %s", environment, c.repository())
	return all(ctx, doing, func(ctx context.Context, page github.ListOptions) ([]*github.Deployment, *github.Response, error) {
		return c.api.Repositories.ListDeployments(ctx, c.owner, c.name, &github.DeploymentsListOptions{Environment: environment, Task: task, ListOptions: page})
	})
}
