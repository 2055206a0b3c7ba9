package publish

import (
	"cmp"
	"context"
	"strings"

	"pr-stack/internal/github"
	"pr-stack/internal/report"
)

const theDeployment = "the deployment"

// openDeployment opens a deployment of the commit.
func (p *Publisher) openDeployment(ctx context.Context) {
	if p.Deployments == Off || p.Run.Commit == "" {
		return
	}
	e := p.Run.Environment
	id, err := p.GitHub.CreateDeployment(ctx, github.Deployment{
		Ref:         p.Run.Commit,
		Environment: p.environment(),
		Task:        p.task(),
		Description: e.Service + " " + e.Name,
		Transient:   e.PullRequest > 0,
		Production:  e.Name == "production",
	})
	if err != nil {
		p.refuse(ctx, theDeployment, err)
		return
	}
	p.deployment = id
	p.setStatus(ctx, github.DeploymentStatus{State: "queued"})
	p.setStatus(ctx, github.DeploymentStatus{State: "in_progress"})
}

// closeDeployment sets the last status of this run's deployment. After a success, it sets the
// deployments that this one replaces to inactive, but a failed deployment stays failed. If the
// environment is gone, all its deployments become inactive.
func (p *Publisher) closeDeployment(ctx context.Context, result report.Result) {
	run := result.Common()
	switch {
	case p.Deployments == Off:
	case noneLeft(result):
		p.refuse(ctx, theDeployment, p.GitHub.Deactivate(ctx, p.environment(), p.task()))
	case p.deployment == 0:
	case run.Ending == report.Interrupted: // a cancelled run says nothing about the code
		p.setStatus(ctx, github.DeploymentStatus{State: "error", Description: why(run)})
	case run.Ending == report.Failed:
		p.setStatus(ctx, github.DeploymentStatus{State: "failure", Description: why(run)})
	case run.Ending == report.Skipped:
		p.setStatus(ctx, github.DeploymentStatus{State: "inactive", Description: run.Reason})
	default:
		status := github.DeploymentStatus{State: "success"}
		if d, ok := result.(*report.Deployment); ok && !strings.Contains(d.URL, "***") {
			status.EnvironmentURL = d.URL
		}
		p.setStatus(ctx, status)
		p.refuse(ctx, theDeployment, p.GitHub.DeactivateBefore(ctx, p.environment(), p.task(), p.deployment))
	}
}

// why returns the reason of a failure in few words.
func why(run *report.Run) string {
	if run.Failure == nil {
		return ""
	}
	return cmp.Or(run.Failure.Summary, run.Failure.Message)
}

func (p *Publisher) setStatus(ctx context.Context, s github.DeploymentStatus) {
	s.LogURL = p.Run.RunURL
	p.refuse(ctx, theDeployment, p.GitHub.SetStatus(ctx, p.deployment, s))
}

// environment returns the name of the environment on GitHub: one for all pull requests of a service,
// or one for each.
func (p *Publisher) environment() string {
	e := p.Run.Environment
	if e.PullRequest > 0 && p.Deployments == Shared {
		return e.Service + "-preview"
	}
	return e.Service + "-" + e.Name
}

// task returns what distinguishes the deployments of environments that share one environment on
// GitHub.
func (p *Publisher) task() string { return "deploy:" + p.Run.Environment.Name }
