package github

import (
	"context"

	"github.com/google/go-github/v92/github"
)

// RunIsOver reports whether an attempt of a workflow's run has ended, in whatever way. It returns
// ErrNotFound if the run was deleted, or if the token may not see it.
// https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run-attempt
func (c *Client) RunIsOver(ctx context.Context, id int64, attempt int) (bool, error) {
	op := c.reads(actions, "read attempt %d of run %d", attempt, id)
	run, _, err := ask(ctx, op, func(ctx context.Context) (*github.WorkflowRun, *github.Response, error) {
		return c.api.Actions.GetWorkflowRunAttempt(ctx, c.owner, c.name, id, attempt, nil)
	})
	if err != nil {
		return false, err
	}
	return run.GetStatus() == "completed", nil
}
