package command

import (
	"context"
	"time"

	"pr-stack/internal/config"
	"pr-stack/internal/github"
	"pr-stack/internal/report"
)

// teller tells GitHub how a run goes: in one comment on the pull request, which is kept current, and in a deployment.
// Whatever GitHub does not take is said once, and is no reason for the run to fail.
type teller struct {
	edges      *edges
	deployment int64 // 0: there is none
	refused    map[string]bool
}

// telling is how long GitHub is waited for, before the work and after it. A run that is cancelled has seven seconds in all.
const telling = 4 * time.Second

// begin opens a deployment before anything slow begins, so that people see that something does.
func (t *teller) begin(ctx context.Context) {
	c := t.edges.config
	if t.edges.github == nil || c.Command != config.Deploy || c.Commit == "" || c.GitHub.Deployments == config.Off {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, telling)
	defer cancel()
	id, err := t.edges.github.CreateDeployment(ctx, github.Deployment{
		Ref:         c.Commit,
		Environment: t.environment(),
		Task:        t.task(),
		Description: c.Environment.Service + " " + c.Environment.Name,
		Transient:   c.Environment.PullRequest > 0,
		Production:  c.Environment.Name == "production",
	})
	if err != nil {
		t.complain("deployments: write", "deployments", err)
		return
	}
	t.deployment = id
	t.status(ctx, github.DeploymentStatus{State: "queued"})
	t.status(ctx, github.DeploymentStatus{State: "in_progress"})
}

// end tells what came of it, also of a run that was cancelled.
func (t *teller) end(ctx context.Context, result report.Result) {
	if t.edges.github == nil || t.edges.config.Environment.Name == "" { // a sweep tells of each environment by itself
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telling)
	defer cancel()
	t.deployed(ctx, result)
	t.comment(ctx, result)
}

// deployed brings the deployments to where the environment is.
func (t *teller) deployed(ctx context.Context, result report.Result) {
	switch {
	case t.edges.config.GitHub.Deployments == config.Off:
	case gone(result):
		if err := t.edges.github.Deactivate(ctx, t.environment(), t.task(), 0); err != nil {
			t.complain("deployments: write", "deployments", err)
		}
	case t.deployment == 0:
	case result.Interrupted: // which says nothing of the code
		t.status(ctx, github.DeploymentStatus{State: "error", Description: result.Failure.Message})
	case result.Failure != nil:
		t.status(ctx, github.DeploymentStatus{State: "failure", Description: result.Failure.Message})
	case result.Status == report.Skipped:
		t.status(ctx, github.DeploymentStatus{State: "inactive", Description: result.Reason})
	default:
		t.status(ctx, github.DeploymentStatus{State: "success", EnvironmentURL: result.URL})
		if err := t.edges.github.Deactivate(ctx, t.environment(), t.task(), t.deployment); err != nil {
			t.complain("deployments: write", "deployments", err)
		}
	}
}

func (t *teller) status(ctx context.Context, s github.DeploymentStatus) {
	s.LogURL, s.Description = t.edges.config.RunURL, t.edges.log.conceal(s.Description)
	if err := t.edges.github.SetStatus(ctx, t.deployment, s); err != nil {
		t.complain("deployments: write", "deployments", err)
	}
}

// comment keeps the pull request's comment current. One that says that an environment is gone, or that a run was
// overtaken, is not begun for that.
func (t *teller) comment(ctx context.Context, result report.Result) {
	c := t.edges.config
	if c.PullRequest == 0 || c.GitHub.Comment == config.Never {
		return
	}
	if result.Status == report.Skipped && !gone(result) && !result.Tell {
		return // the run that overtook this one has the word
	}
	marker, body := report.Marker(c.Environment), t.edges.log.conceal(report.Comment(result, c.RunURL, time.Now()))
	var err error
	if gone(result) || c.GitHub.Comment == config.Failing && result.Failure == nil {
		_, err = t.edges.github.Edit(ctx, c.PullRequest, marker, body)
	} else {
		err = t.edges.github.Upsert(ctx, c.PullRequest, marker, body)
	}
	if err != nil {
		t.complain("pull-requests: write", "the comment", err)
	}
}

// gone tells whether the run left no environment.
func gone(result report.Result) bool {
	switch {
	case result.Failure != nil:
		return false
	case result.Status == report.Deleted, result.Status == report.Absent:
		return true
	}
	return result.Gone
}

// complain says once what GitHub did not take, and which permission is missing if that is why.
func (t *teller) complain(permission, what string, err error) {
	if t.refused == nil {
		t.refused = map[string]bool{}
	}
	if t.refused[what] {
		return
	}
	t.refused[what] = true
	t.edges.log.notice("GitHub does not take "+what, withLacking(permission, err))
}

// environment is GitHub's: one for all pull requests of a service, or one for each.
func (t *teller) environment() string {
	e := t.edges.config.Environment
	if e.PullRequest > 0 && t.edges.config.GitHub.Deployments == config.Shared {
		return e.Service + "-preview"
	}
	return e.Service + "-" + e.Name
}

// task tells the environments apart that share one of GitHub's.
func (t *teller) task() string { return "deploy:" + t.edges.config.Environment.Name }
