package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/policy"
	"pr-stack/internal/price"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/timeline"
)

// sweepClients is what sweep works with.
type sweepClients struct {
	destroyClients
	github    *github.Client
	publisher *publish.Publisher
}

// atATime is how many environments are deleted side by side: CloudFormation answers an account a few
// calls a second.
const atATime = 4

// sweep deletes the environments of this service whose pull request is closed, or that nobody has
// deployed to for too long. It keeps what is not a pull request's environment, what is protected,
// and what GitHub cannot be asked about.
func sweep(ctx context.Context, job config.Sweep, with sweepClients) (*report.Sweep, error) {
	result := &report.Sweep{Run: with.run, DryRun: job.DryRun}
	if with.github == nil {
		return result, hint.New("set github-token, and GITHUB_REPOSITORY outside of GitHub", "sweep: GitHub cannot be asked which pull requests are open")
	}
	previews, err := admission.Previews(ctx, with.stacks, job.Service)
	if err != nil {
		return result, err
	}
	repositories, err := imageRepositories(ctx, job.BaseStack, job.ECRRepository, false, with.destroyClients)
	if err != nil {
		return result, err
	}
	pulls, err := with.github.OpenPullRequests(ctx)
	if err != nil {
		return result, fmt.Errorf("sweep: %w", err)
	}
	base, err := readBase(ctx, job.BaseStack, with.stacks)
	if err != nil {
		return result, err
	}
	s := sweeper{job: job, with: with, open: pulls, repositories: repositories}
	s.production = readProduction(ctx, serving{with.serving, job.Service, job.Hostname, base})
	s.production.explain(with.log)
	costs := prices{stacks: with.stacks, logf: with.log.Line, bodies: map[string]string{}}
	result.Environments = make([]report.Swept, len(previews))
	failures := make([]error, len(previews))
	for i, p := range previews {
		result.Environments[i] = report.Swept{Environment: p.Environment, Age: time.Since(p.Stack.Changed), Cost: costs.of(ctx, p.Stack)}
	}
	var work sync.WaitGroup
	slots := make(chan struct{}, atATime)
	for i, p := range previews {
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			swept := &result.Environments[i]
			swept.Outcome, swept.Why, failures[i] = s.sweepOne(ctx, p)
			with.log.Line("%-10s %s: %s", swept.Environment.Name, swept.Outcome, swept.Why)
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return result, hint.New("the next sweep continues from there",
			"sweep: interrupted (%s): CloudFormation continues with deletions that have begun", context.Cause(ctx))
	}
	result.Cost = remainingCost(result.Environments)
	result.Ending = report.Up
	return result, errors.Join(append(failures, s.production.problem())...)
}

// sweeper is one sweep under way.
type sweeper struct {
	job          config.Sweep
	with         sweepClients
	open         map[int]bool  // the pull requests that were open when the sweep began
	repositories []image.Store // of images
	production   sweptProduction
}

// sweepOne looks at one environment and deletes it if policy says so, asked again directly before.
func (s sweeper) sweepOne(ctx context.Context, p admission.Preview) (report.Outcome, string, error) {
	if done, outcome, why, err := s.rest(ctx, p); done {
		return outcome, why, err
	}
	expired, why := s.expired(ctx, p, s.open)
	if !expired {
		return report.SweepKept, why, nil
	}
	err := s.checkLeads(ctx, p)
	if err == nil && s.job.DryRun {
		return report.SweepWouldDelete, why, nil
	}
	var failed error
	if err == nil {
		failed, err = s.remove(ctx, p)
	}
	if skip := admission.Halted(err); skip != nil {
		return report.SweepKept, skip.Reason, nil
	}
	if err != nil {
		return report.SweepFailed, awsconfig.Message(err), fmt.Errorf("sweep %s: %w", p.Environment.Name, err)
	}
	s.publish(ctx, p)
	if failed != nil {
		return report.SweepDeleted, why + "; before-destroy failed", deletedBut(p.Environment.Name, failed)
	}
	return report.SweepDeleted, why, nil
}

// remove deletes an environment and its images. It returns as well how the command that runs before has
// failed; the environment is deleted nevertheless.
func (s sweeper) remove(ctx context.Context, p admission.Preview) (failed, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, deleteTimeout, hint.New("CloudFormation continues with it; the next sweep looks again",
		"delete stack %s: not deleted after %s", p.Stack.Name, timeline.Duration(deleteTimeout)))
	defer cancel()
	failed = s.with.rollout.BeforeSweep(ctx, p.Stack, s.job.BeforeDestroy)
	if failed != nil && ctx.Err() != nil {
		return nil, failed
	}
	err = s.unprotected(ctx, p, func() error {
		return s.with.stacks.Delete(ctx, cfn.Deletion{
			ID:    p.Stack.ID,
			Force: true,
			Allow: func(ctx context.Context, stack cfn.Stack) error {
				if err := p.Environment.Owns(stack.Tags); err != nil {
					return err
				}
				again := p
				if stack.Status != types.StackStatusDeleteInProgress { // by now it is being deleted, which is no deployment
					again.Stack = stack
				}
				return s.mayDelete(ctx, again)
			},
		})
	})
	if err == nil {
		err = s.deleteImages(ctx, p)
	}
	return failed, err
}

func (s sweeper) candidate(p admission.Preview) policy.Candidate {
	return policy.Candidate{
		Number: p.Environment.PullRequest, Stack: p.Stack.Name, Repository: environment.RepositoryOf(p.Stack.Tags),
		Protected: p.Stack.Protected, Changed: p.Stack.Changed, Standing: s.production.standing(p, time.Now()),
	}
}

func (s sweeper) limits() policy.SweepLimits {
	return policy.SweepLimits{
		Repository: s.job.Owner(), MaxAge: s.job.MaxAge, KeepLabel: s.job.KeepLabel, Promotable: s.production.by() != "",
	}
}

// expired asks policy about one environment, and GitHub about its pull request where policy needs
// that.
func (s sweeper) expired(ctx context.Context, p admission.Preview, open map[int]bool) (bool, string) {
	c, limits, now := s.candidate(p), s.limits(), time.Now()
	known := policy.Pull{Listed: open[c.Number]}
	if policy.NeedsPull(c, limits, known.Listed, now) {
		pull, err := s.with.github.PullRequest(ctx, c.Number)
		known.Err, known.None = err, errors.Is(err, github.ErrNotFound)
		if err == nil {
			found := admission.FromGitHub(pull)
			known.Pull = &found
		}
	}
	return policy.Expired(c, limits, known, now)
}

// deleteImages deletes an environment's images. Minutes have passed since the pull request was looked
// at: if it is open, the image of its newest commit may be one that a run is about to deploy.
func (s sweeper) deleteImages(ctx context.Context, p admission.Preview) error {
	tags, spared := imageTags(p.Environment, p.Stack.Name, s.job.ECRRepository, s.job.BaseStack), ""
	if pull, err := s.with.github.PullRequest(ctx, p.Environment.PullRequest); err == nil && pull.Open {
		spared = pull.Head
	}
	for _, repository := range s.repositories {
		_, err := repository.Delete(ctx, func(tag string) bool {
			return tags.Match(tag) && (spared == "" || !tags.MatchCommit(tag, spared))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// publish says on the pull request that its environment was deleted, unless another is about to be
// created: it was opened again meanwhile, or has a newer commit. GitHub is asked again, since
// deleting images may have taken long.
func (s sweeper) publish(ctx context.Context, p admission.Preview) {
	number := p.Environment.PullRequest
	pull, err := s.with.github.PullRequest(ctx, number)
	commit := commitOf(p.Stack)
	if err == nil && pull.Open && (!s.open[number] || commit != "" && pull.Head != commit) {
		return
	}
	result := report.Destruction{Run: s.with.run, Stack: report.Stack{Name: p.Stack.Name, ID: p.Stack.ID}}
	result.Environment, result.Ending, result.Status = p.Environment, report.Gone, report.Deleted
	if err == nil && pull.Open { // so it was deleted for its age
		result.StaleFor = time.Since(p.Stack.Changed)
	}
	publisher := s.with.publisher.For(result.Run)
	if errors.Is(err, github.ErrNotFound) { // there is no pull request to comment on
		publisher.Comment = publish.Never
	}
	publisher.Finish(ctx, &result)
}

// remainingCost is what those cost together that were not deleted; nil if that of none is known.
func remainingCost(environments []report.Swept) *price.Estimate {
	var sum *price.Estimate
	for _, e := range environments {
		if e.Cost == nil || e.Outcome == report.SweepDeleted {
			continue
		}
		if sum == nil {
			sum = &price.Estimate{}
		}
		*sum = sum.Plus(*e.Cost)
	}
	return sum
}

// prices estimates what stacks cost of which only a listing is known. Stacks with the same parameters
// and outputs are taken to have the same template, of which one is read: asking for each of thousands
// would take minutes.
type prices struct {
	stacks *cfn.Client
	logf   func(format string, args ...any)
	bodies map[string]string // by the names of parameters and outputs
	failed bool              // a template could not be read, and that was said
}

func (p *prices) of(ctx context.Context, stack cfn.Stack) *price.Estimate {
	switch stack.Status {
	case types.StackStatusReviewInProgress, types.StackStatusRollbackComplete, types.StackStatusDeleteComplete:
		return &price.Estimate{} // there is nothing in it
	}
	shape := strings.Join(slices.Concat(slices.Sorted(maps.Keys(stack.Parameters)), []string{"/"}, slices.Sorted(maps.Keys(stack.Outputs))), " ")
	body, known := p.bodies[shape]
	if !known && !p.failed {
		var err error
		body, err = p.stacks.Template(ctx, stack.ID)
		if errors.Is(err, cfn.ErrNotFound) {
			return nil // it was deleted meanwhile; another of its kind will do
		}
		if err != nil {
			p.failed = true
			p.logf("The environments' prices are not known: %s", awsconfig.Message(err))
		}
		p.bodies[shape] = body
	}
	estimate, err := price.Of(body, stack.Parameters)
	if err != nil {
		return nil
	}
	return &estimate
}
