package publish

import (
	"cmp"
	"context"
	"strings"

	"pr-stack/internal/github"
	"pr-stack/internal/report"
)

const theDeployment = "the deployment"

// openDeployment opens a deployment of a commit.
func (p *Publisher) openDeployment(ctx context.Context, commit string) {
	if p.Deployments == Off || commit == "" {
		return
	}
	e := p.Run.Environment
	id, err := p.GitHub.CreateDeployment(ctx, github.Deployment{
		Ref:         commit,
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
	case p.isLive(result):
		// Also if the run failed afterwards: GitHub shows which commit production runs, and why it failed.
		p.setStatus(ctx, github.DeploymentStatus{State: "success", EnvironmentURL: link(result), Description: why(run)})
		p.refuse(ctx, theDeployment, p.GitHub.DeactivateBefore(ctx, p.environment(), p.task(), p.deployment))
	case run.Ending == report.Interrupted: // a cancelled run says nothing about the code
		p.setStatus(ctx, github.DeploymentStatus{State: "error", Description: why(run)})
	case run.Ending == report.Failed:
		p.setStatus(ctx, github.DeploymentStatus{State: "failure", Description: why(run)})
	case run.Ending == report.Skipped:
		p.setStatus(ctx, github.DeploymentStatus{State: "inactive", Description: run.Reason})
	}
}

// isLive reports whether what the deployment is about is what the environment runs.
func (p *Publisher) isLive(result report.Result) bool {
	if r, ok := result.(*report.Promotion); ok {
		return r.Ending != report.Skipped && r.Live.Number != 0 && r.Live.Number == r.To.Number
	}
	return result.Common().Ending == report.Up
}

// link returns the URL of what is deployed; "" if it may not be shown.
func link(result report.Result) (url string) {
	switch r := result.(type) {
	case *report.Deployment:
		url = r.URL
	case *report.Promotion:
		url = r.URL
	}
	if strings.Contains(url, "***") {
		return ""
	}
	return url
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
