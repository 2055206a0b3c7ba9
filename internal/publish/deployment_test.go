package publish_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pr-stack/internal/environment"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
)

// GitHub shows a preview differently from production, and keeps an environment permanently unless it
// is transient.
func TestDeployment_says_what_kind_of_environment_it_is(t *testing.T) {
	inWorld(t, func(w *world) {
		deploy := func(e environment.Environment, mode publish.Deployments) {
			p := w.publisher(oneCommit)
			p.Run.Environment, p.Deployments, p.Comment = e, mode, publish.Never
			p.Deploying(w.Context(), nil)
		}
		deploy(environment.ForPullRequest("hello-world", 7), publish.Shared)
		deploy(environment.ForPullRequest("hello-world", 7), publish.Each)
		deploy(environment.Permanent("hello-world", "production"), publish.Shared)
		deploy(environment.Permanent("hello-world", "staging"), publish.Each)
		deploy(environment.Permanent("hello-world", "staging"), publish.Off)
		want := []fakegithub.Deployment{
			{Ref: oneCommit, Environment: "hello-world-preview", Task: "deploy:pr-7", Transient: true},
			{Ref: oneCommit, Environment: "hello-world-pr-7", Task: "deploy:pr-7", Transient: true},
			{Ref: oneCommit, Environment: "hello-world-production", Task: "deploy:production", Production: true},
			{Ref: oneCommit, Environment: "hello-world-staging", Task: "deploy:staging"},
		}
		got := w.github.Deployments("")
		if !slices.EqualFunc(got, want, func(a, b fakegithub.Deployment) bool {
			a.Statuses = nil
			return reflect.DeepEqual(a, b)
		}) {
			w.Errorf("deployments = %+v, want %+v", got, want)
		}
	})
}

// If two deployments were active, one of the two links would lead to old code. The deployments of
// other pull requests stay unchanged, though they share the environment.
func TestDeployment_is_the_only_active_one_of_its_environment(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Open(8, oneCommit)
		other := w.publisher(oneCommit)
		other.Run.Environment = environment.ForPullRequest("hello-world", 8)
		other.Deploying(w.Context(), nil)
		other.Finish(w.Context(), ended(other, report.Up, nil))
		w.deploys(oneCommit, report.Up, nil)
		w.deploys(anotherCommit, report.Up, nil)
		w.wantStatuses("queued in_progress success", "queued in_progress success inactive", "queued in_progress success")
	})
}

// If the older of two runs ends last, it must not change the newer run's deployment.
func TestDeployment_leaves_those_of_newer_runs(t *testing.T) {
	inWorld(t, func(w *world) {
		older, newer := w.publisher(oneCommit), w.publisher(anotherCommit)
		older.Deploying(w.Context(), nil)
		newer.Deploying(w.Context(), nil)
		older.Finish(w.Context(), ended(older, report.Up, nil))
		w.wantStatuses("queued in_progress success", "queued in_progress")
	})
}

// If deployments are off, the run needs no permission for them, and the log does not ask for one.
func TestDeployment_off(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Forbid("/repos/octo-org/hello-world/deployments")
		p := w.publisher(oneCommit)
		p.Deployments = publish.Off
		p.Deploying(w.Context(), nil)
		p.Finish(w.Context(), ended(p, report.Up, nil))
		p.Finish(w.Context(), deleted(p))
		if w.out.Len() > 0 {
			w.Errorf("the log is not empty:\n%s", w.out)
		}
	})
}

// A deployment belongs to a commit. If the commit of a deployed image is not known, no deployment is
// opened.
func TestDeployment_needs_a_commit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys("", report.Up, nil)
		w.wantStatuses()
		if w.out.Len() > 0 {
			w.Errorf("the log is not empty:\n%s", w.out)
		}
	})
}

// GitHub did not refuse anything: the run was cancelled during the call.
func TestDeploying_of_a_run_that_is_cancelled_reports_no_refusal(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Inject(fakegithub.Fault{Delay: time.Hour})
		ctx, cancel := context.WithCancelCause(w.Context())
		go func() {
			<-time.After(time.Second)
			cancel(errors.New("interrupt signal received"))
		}()
		w.publisher(oneCommit).Deploying(ctx, nil)
		w.wantLog("could not update", 0)
	})
}
