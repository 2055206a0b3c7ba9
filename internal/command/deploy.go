package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
	"pr-stack/internal/image"
	"pr-stack/internal/policy"
	"pr-stack/internal/price"
	"pr-stack/internal/promotion"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
)

// deployClients is what deploy works with. It deletes the environment if the pull request is closed.
type deployClients struct {
	destroyClients
	github    *github.Client    // nil if there is no token, or no repository
	transport http.RoundTripper // to the registry
	aws       aws.Config        // of the bucket for templates
	publisher *publish.Publisher
	docker    func(ctx context.Context, build Build, tag string) (digest string, err error) // nil: the Docker daemon
	promotion promotion.Clients                                                             // for a canary
	touching  func()                                                                        // is called directly before each change of the stack; may be nil
	canary    canaryWatch                                                                   // who wants to know of it
}

// deploy brings up one environment at one commit and proves that the new code answers.
func deploy(ctx context.Context, job config.Deploy, with deployClients) (*report.Deployment, error) {
	result := &report.Deployment{Run: with.run, Stack: report.Stack{Name: job.StackName}}
	result.Commit = job.Commit
	existing, skip, err := tryDeploy(ctx, job, with, result)
	if err != nil && ctx.Err() == nil {
		// A run that failed because another run works on the same stack reports only that.
		if skip = current(ctx, job, with.pulls); skip != nil {
			with.log.Line("%s", awsconfig.Message(err))
			err = nil
		}
	}
	if skip != nil {
		result, err = finishSkipped(ctx, job, with, result, skip)
	}
	if err != nil && ctx.Err() != nil {
		inFlight := errors.Is(err, cfn.ErrInFlight)
		var stack cfn.Stack
		stack, err = with.rollout.Interrupted(ctx, job.StackName, err, continueHint(job))
		if admission.CheckOwner(job.Environment, job.Owner(), stack) == nil {
			result.Stack.ID, result.Stack.Outputs = stack.ID, stack.Outputs
		}
		// The run may have been cancelled after it began to change the stack.
		if previous(stack) == nil || !sameCode(stack.Parameters, existing.Parameters) {
			result.StillUp = nil
		}
		result.NothingUp = result.NothingUp && !inFlight && (stack.ID == "" || template.IsPrepared(stack.Parameters) && !cfn.InProgress(stack.Status))
	}
	return result, err
}

// finishSkipped ends a run that is not wanted any more.
func finishSkipped(ctx context.Context, job config.Deploy, with deployClients, result *report.Deployment, skip *policy.Skip) (*report.Deployment, error) {
	result.Ending, result.Status = report.Skipped, ""
	result.URL, result.StillUp, result.NothingUp = "", nil, false
	result.Reason, result.Comment = skip.Reason, skip.Comment
	if !skip.RemoveEnvironment {
		return result, nil
	}
	pull := with.pulls.Now(ctx)
	// A pull request that is closed ends with no environment, whoever created it, unless it has to stay for
	// production. It is not deleted if the pull request is opened again meanwhile.
	closed := target{
		environment: job.Environment, owner: job.Owner(), stackName: job.StackName, baseStack: job.BaseStack, ecrRepository: job.ECRRepository,
		why:     fmt.Sprintf("Pull request %d was closed: its environment is deleted.", job.PullRequest),
		closing: true, merged: pull != nil && pull.Merged, promoteBy: job.PromoteBy, hostname: job.ProductionHost, before: job.Tasks.BeforeDestroy,
	}
	deleted, err := deleteEnvironment(ctx, closed, with.destroyClients)
	switch {
	case err != nil:
		return result, err
	case deleted.skip != nil:
		result.Reason, result.Comment = deleted.skip.Reason, deleted.skip.Comment
		if result.Comment {
			result.StillUp = previous(deleted.stack)
		}
	case deleted.failed != nil:
		result.NothingUp = true
		return result, deleted.failed
	default:
		result.Reason, result.Removed = skip.Reason+"; its environment was deleted", true
	}
	return result, nil
}

// tryDeploy deploys, and returns a skip as soon as the run is not wanted any more. It completes the
// result, and returns the stack as it was before.
func tryDeploy(
	ctx context.Context, job config.Deploy, with deployClients, result *report.Deployment,
) (existing cfn.Stack, skip *policy.Skip, err error) {
	existing, skip, err = admit(ctx, job, with)
	if skip != nil || err != nil {
		return existing, skip, err
	}
	result.Stack.ID, result.StillUp = existing.ID, previous(existing)
	result.NothingUp = existing.ID == "" || template.IsPrepared(existing.Parameters)
	with.publisher.Deploying(ctx, result.StillUp)
	warn(job, with.log)

	// What can be found wrong in a second is found before minutes go into a build.
	base, err := baseValues(ctx, job, with)
	if err != nil {
		return existing, nil, err
	}
	plan, err := makePlan(ctx, job, base, existing, with)
	if err != nil {
		return existing, nil, err
	}
	rule := newSharedRule(job, base, existing, plan)
	plan, skip, err = rule.place(ctx, plan, with)
	if skip != nil || err != nil {
		return existing, skip, err
	}
	result.Parameters = slices.Sorted(maps.Keys(plan.Parameters))
	ref, err := resolveImage(ctx, job, base, existing, with)
	if err != nil {
		return existing, nil, err
	}
	plan = plan.WithImage(ref.String())
	if plan.TakesImage {
		ref = image.Parse(plan.Image()) // which may be one that the user named in parameter-overrides
	}
	plan = withArchitecture(ctx, job, plan, base, ref, with)
	result.Image, result.ImageDigest = ref.String(), ref.Digest

	if result.Changes, err = showChanges(ctx, job, plan, existing, with); err != nil {
		return existing, nil, err
	}
	release, plan, err := rule.bringUp(ctx, plan, existing, with, job)
	describe(result, job.Owner(), plan, release, err)
	if skip := admission.Halted(err); skip != nil {
		return existing, skip, nil
	}
	if err != nil {
		return existing, nil, err
	}
	result.Ending = report.Up
	asked := time.Now()
	if skip := current(ctx, job, with.pulls); skip != nil {
		return existing, skip, nil
	}
	if time.Since(asked) > rollout.StaleAfter {
		err = with.rollout.ProveAgain(ctx, release)
	}
	return existing, nil, err
}

// admit decides whether the environment may be deployed, and returns its stack as it is, or the zero
// value if there is none.
func admit(ctx context.Context, job config.Deploy, with deployClients) (cfn.Stack, *policy.Skip, error) {
	if skip := admission.Excluded(ctx, with.github, job.Rules, job.PullRequest, job.Commit); skip != nil {
		return cfn.Stack{}, skip, nil
	}
	existing, err := admission.Existing(ctx, with.stacks, job.Environment, job.Owner(), job.StackName)
	if err != nil {
		return cfn.Stack{}, nil, err
	}
	if skip := current(ctx, job, with.pulls); skip != nil {
		return existing, skip, nil
	}
	if err := admission.CheckProtected(job.Environment, existing); err != nil {
		return existing, nil, err
	}
	skip, err := admission.Limit(ctx, with.stacks, job.MaxEnvironments, job.Environment, job.Owner(), job.StackName)
	return existing, skip, err
}

// current returns why this run is not wanted any more: the pull request was closed, or has a newer
// commit.
func current(ctx context.Context, job config.Deploy, pulls *admission.PullRequest) *policy.Skip {
	return policy.Current(job.Trigger, job.Commit, pulls.Now(ctx))
}

// warn logs warnings about the commit that is checked out, and about a fork's code that is built.
func warn(job config.Deploy, log *runner.Log) {
	if job.CheckoutWarning != "" {
		log.Warning("not the pull request's newest commit", job.CheckoutWarning)
	}
	if _, built := job.Image.(config.Build); built && job.AllowForks && job.Trigger.Author(policy.Build) == policy.Fork {
		log.Warning("a fork's code is built with credentials", "allow-forks is true. "+
			"Whoever opens a pull request decides what runs in this job, and can use its AWS role, its token and every secret of its workflow; README.md, Security, says what to do instead")
	}
}

// spec is what the service stack is to become.
func spec(job config.Deploy, plan rollout.Plan, existing cfn.Stack, with deployClients) rollout.Spec {
	_, named := job.Image.(config.Existing)
	tags := job.Environment.Tags(job.Owner()).Map()
	maps.Copy(tags, job.Tags) // among which config allows none of ours
	return rollout.Spec{
		Name: job.StackName, Plan: plan, Tags: tags, RoleARN: job.RoleARN, Timeout: job.Timeout,
		OnFailure: onFailure[job.OnFailure], Disposable: job.Environment.PullRequest > 0, Protect: job.Environment.PullRequest == 0,
		Inputs: diagnosis.Inputs{Own: job.Template.Path != "", Image: named, HealthCheckPath: job.HealthCheckPath},
		Tasks:  tasks(job, existing),
		Allow:  func(ctx context.Context, stack cfn.Stack) error { return allow(ctx, job, stack, with) },
	}
}

// allow is asked directly before each change of the stack. Much may have happened since admit.
func allow(ctx context.Context, job config.Deploy, stack cfn.Stack, with deployClients) error {
	if stack.ID != "" {
		if err := cmp.Or(admission.CheckOwner(job.Environment, job.Owner(), stack), admission.CheckProtected(job.Environment, stack)); err != nil {
			return err
		}
	} else if skip, err := admission.Limit(ctx, with.stacks, job.MaxEnvironments, job.Environment, job.Owner(), job.StackName); err != nil || skip != nil {
		return cmp.Or(err, admission.Halt(skip))
	}
	err := admission.Halt(current(ctx, job, with.pulls))
	if err == nil && with.touching != nil {
		with.touching()
	}
	return err
}

// describe completes a result by what is known of a release, which err ended. What a cancelled run
// left is looked at afterwards.
func describe(result *report.Deployment, owner environment.Repository, plan rollout.Plan, r rollout.Release, err error) {
	created := r.Stack.ID != "" && r.Stack.Tags == nil // by this run, and not described yet
	if created || admission.CheckOwner(result.Environment, owner, r.Stack) == nil {
		result.Stack.ID, result.Stack.Outputs = r.Stack.ID, r.Stack.Outputs
	}
	if !r.Complete {
		failed, ok := errors.AsType[*cfn.FailedError](err)
		rolledBack := ok && failed.Operation == "update"
		underWay := r.Stack.ID != "" && cfn.InProgress(r.Stack.Status)
		untouched := !ok && !underWay && !errors.Is(err, rollout.ErrTimedOut)
		if !untouched && (!rolledBack || !keepsOldTasks(plan)) { // what is up now is not known
			result.StillUp = nil
		}
		result.NothingUp = result.NothingUp && (untouched || ok && slices.Contains([]cfn.NextStep{cfn.Deleting, cfn.RollingBack}, failed.NextStep))
		return
	}
	result.StillUp, result.NothingUp = nil, false
	result.Status, result.URL = report.Status(r.Outcome), r.URL
	result.Stack.Created = r.Stack.Created
	result.Proof, result.Unproved = r.Proof.Held(), r.Proof.Unchecked()
	if result.ImageDigest == "" {
		result.ImageDigest = r.Proof.Digest()
	}
	if cost, err := price.Of(plan.Template.Body, r.Stack.Parameters); err == nil {
		result.Cost = &cost
	}
}

// continueHint is what to do after a deployment was cancelled.
func continueHint(job config.Deploy) string {
	if job.Environment.PullRequest > 0 {
		return "run the job again to continue from there, or close the pull request to have the environment deleted"
	}
	return "run the job again to continue from there"
}
