package github

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/go-github/v92/github"
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
	Payload     any  // whatever JSON can hold; nil is none
}

// CreateDeployment opens a deployment and returns its ID. After a 5xx or a broken connection it returns an error though
// GitHub may have opened one: a second would be shown beside it.
func (c *Client) CreateDeployment(ctx context.Context, d Deployment) (int64, error) {
	request := github.DeploymentRequest{
		Ref:         d.Ref,
		AutoMerge:   new(false), // what was built is deployed, not that merged with the default branch
		Payload:     d.Payload,
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
		doing := fmt.Sprintf("list deployments to %s of %s", environment, c.repository())
		for d, err := range all(ctx, doing, func(ctx context.Context, page github.ListOptions) ([]*github.Deployment, *github.Response, error) {
			return c.api.Repositories.ListDeployments(ctx, c.owner, c.name, &github.DeploymentsListOptions{Environment: environment, Task: task, ListOptions: page})
		}) {
			if !yield(d.GetID(), err) {
				return
			}
		}
	}
}
