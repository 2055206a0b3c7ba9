// Package publish publishes the result of a run: on the pull request and in GitHub's deployments,
// and in the run's own outputs, summary and log. If GitHub refuses something, the log says so once,
// and the run does not fail. Package report renders the texts.
package publish

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// When says when a comment on the pull request is written.
type When string

// Always keeps a comment current, OnFailure begins one only when a run fails, and Never writes none.
const (
	Always    When = "always"
	OnFailure When = "on-failure"
	Never     When = "never"
)

// Deployments says in which of GitHub's environments deployments are recorded.
type Deployments string

// Shared means one environment for all pull requests of a service, Each means one for each pull
// request, and Off means that no deployments are recorded.
const (
	Shared Deployments = "shared"
	Each   Deployments = "each"
	Off    Deployments = "off"
)

// publishTimeout is how long a run waits for GitHub, once before the work and once after it. A
// cancelled run has seven seconds in total.
const publishTimeout = 4 * time.Second

// Publisher publishes one run about one environment. It must not be copied.
type Publisher struct {
	Log         *runner.Log
	GitHub      *github.Client // nil without a token: nothing is published there, and the log says so once
	Comment     When
	Logs        bool // the comment quotes a container's log
	Deployments Deployments
	// Run is what is known when the run begins: Environment, Repository, ServerURL, RunURL, Region,
	// Commit. The comment is on the environment's own pull request, whichever event the run is for.
	Run report.Run

	deployment int64      // 0: none was opened
	parent     *Publisher // what it has logged is not logged again
	mu         sync.Mutex
	refused    map[string]bool // what GitHub refused, so that each refusal is logged once
}

// For returns a publisher for another environment in the same run; a sweep needs one for each
// environment that it deletes. What GitHub refuses is logged once for all of them.
func (p *Publisher) For(run report.Run) *Publisher {
	return &Publisher{Log: p.Log, GitHub: p.GitHub, Comment: p.Comment, Logs: p.Logs, Deployments: p.Deployments, Run: run, parent: p}
}

// Deploying opens a deployment and makes the comment say that the run deploys, before anything slow
// begins. Previous is what stays up during the deployment; nil if nothing stays up, or if that is
// not known.
func (p *Publisher) Deploying(ctx context.Context, previous *report.Previous) {
	if !p.connected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	both(
		func() { p.openDeployment(ctx, p.Run.Commit) },
		func() { p.commentDeploying(ctx, previous) },
	)
}

// Finish publishes the result, even if the run was cancelled. Other results than these belong to no
// pull request.
func (p *Publisher) Finish(ctx context.Context, result report.Result) {
	switch result.(type) {
	case *report.Deployment, *report.Destruction, *report.Promotion:
	default:
		return
	}
	if result.Common().Environment.Name == "" || !p.connected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	result = report.Redacted(result, p.Log.Clean, p.Log.Redact)
	both(
		func() { p.closeDeployment(ctx, result) },
		func() {
			if r, ok := result.(*report.Promotion); ok {
				p.commentPromotion(ctx, r)
			} else {
				p.comment(ctx, result)
			}
		},
	)
}

// both runs two functions at the same time, so that a slow one does not use up the other's time.
func both(a, b func()) {
	var work sync.WaitGroup
	work.Go(a)
	work.Go(b)
	work.Wait()
}

// connected reports whether there is a client to publish with. If only the token is missing,
// it logs this fact.
func (p *Publisher) connected() bool {
	if p.GitHub != nil {
		return true
	}
	if p.Run.Repository == "" || p.Comment == Never && p.Deployments == Off {
		return false // nothing was asked for
	}
	p.once("token", func() {
		p.Log.Notice("nothing is published on GitHub",
			"the input github-token is empty, so there is no comment on the pull request and no deployment")
	})
	return false
}

// refuse logs once what GitHub refused, and what to change. It ignores an error if the run was
// cancelled meanwhile, since GitHub refused nothing then.
func (p *Publisher) refuse(ctx context.Context, what string, err error) {
	if err == nil || ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return
	}
	p.once(what, func() {
		message := err.Error()
		if hints := hint.Of(err); len(hints) > 0 {
			message += "; " + strings.Join(hints, "; ")
		}
		p.Log.Notice("could not update "+what, message)
	})
}

func (p *Publisher) once(what string, say func()) {
	if p.parent != nil {
		p.parent.once(what, say)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused == nil {
		p.refused = map[string]bool{}
	}
	if p.refused[what] {
		return
	}
	p.refused[what] = true
	say()
}

// isGone reports whether the run left no environment.
func isGone(result report.Result) bool {
	if d, ok := result.(*report.Deployment); ok {
		return d.Ending == report.Skipped && d.Removed
	}
	return result.Common().Ending == report.Gone
}

// noneLeft reports whether the run left no environment, also if it failed otherwise.
func noneLeft(result report.Result) bool {
	d, ok := result.(*report.Destruction)
	return isGone(result) || ok && d.Deleted
}

func hasFailed(result report.Result) bool {
	ending := result.Common().Ending
	return ending == report.Failed || ending == report.Interrupted
}
