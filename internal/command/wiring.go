package command

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// load turns the inputs into a job. GitHub is asked first for the pull request that the event is
// about, if the event does not say.
func load(ctx context.Context, p Process, in *config.Inputs) (config.Job, error) {
	lookup := in.Lookup()
	if lookup == nil {
		return config.Load(in, nil, nil)
	}
	gh, err := newGitHub(p, in.Settings())
	if err != nil {
		return nil, err
	}
	found, err := lookUp(ctx, gh, lookup)
	return config.Load(in, found, err)
}

// lookUp asks for open pull requests by their head, since GitHub's list of a commit's pull requests
// leaves out those from forks (https://github.com/learningequality/kolibri/pull/14719), or for one by
// its number.
func lookUp(ctx context.Context, gh *github.Client, l *config.Lookup) (found []policy.PullRequest, err error) {
	var pulls []github.PullRequest
	if l.Number > 0 {
		var pull github.PullRequest
		pull, err = gh.PullRequest(ctx, l.Number)
		pulls = append(pulls, pull)
	} else {
		pulls, err = gh.OpenPullRequestsFrom(ctx, l.HeadOwner, l.HeadBranch)
	}
	if errors.Is(err, github.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, pull := range pulls {
		found = append(found, admission.FromGitHub(pull))
	}
	return found, nil
}

// newGitHub returns a client of GitHub's API; nil if there is nobody to ask, or no token.
func newGitHub(p Process, s config.Settings) (*github.Client, error) {
	if s.Repository == "" || s.GitHub.Token == "" {
		return nil, nil
	}
	return github.New(github.Options{APIURL: s.GitHub.APIURL, Token: s.GitHub.Token, Repository: s.Repository, Transport: p.GitHub})
}

// carryOut signs in, carries out a job, and returns its result, concluded and published.
func carryOut(ctx context.Context, p Process, job config.Job, log *runner.Log) report.Result {
	began, s := time.Now(), job.Common()
	w := wiring{process: p, settings: s, log: log, times: &timeline.Recorder{}}
	verb, e := subject(job)
	result, err := w.signIn(ctx, verb, e)
	switch {
	case err != nil && ctx.Err() != nil:
		err = hint.New("run the job again", "interrupted (%s): nothing was changed", context.Cause(ctx))
	case err == nil && result == nil:
		result, err = w.run(ctx, job)
	}
	conclude(ctx, result, err, began, w.times)
	if w.publisher != nil {
		w.publisher.Finish(ctx, result)
	}
	return result
}

// subject is what a job is to do, and with which environment.
func subject(job config.Job) (policy.Verb, environment.Environment) {
	switch job := job.(type) {
	case config.Deploy:
		return policy.Deploy, job.Environment
	case config.Destroy:
		return policy.Destroy, job.Environment
	case config.Sweep:
		return policy.Sweep, environment.Environment{Service: job.Service}
	}
	return policy.Bootstrap, environment.Environment{Service: job.Common().Service}
}

// wiring makes the clients of one job. No verb sees it.
type wiring struct {
	process   Process
	settings  config.Settings
	log       *runner.Log
	times     *timeline.Recorder
	aws       aws.Config
	github    *github.Client
	publisher *publish.Publisher // nil until signed in
}

// signIn finds AWS credentials and a token for GitHub. A result says that the job ends here: with an
// error, or as one that is skipped since the run has no credentials, or none that its code may use.
func (w *wiring) signIn(ctx context.Context, verb policy.Verb, e environment.Environment) (report.Result, error) {
	var err error
	w.aws, err = awsconfig.SignIn(ctx, awsconfig.Options{
		Region: w.settings.Region, Load: w.process.AWS, Mask: w.log.Mask, Debugf: w.log.Debug,
	})
	if errors.Is(err, awsconfig.ErrNoCredentials) {
		if skip := policy.WithoutCredentials(w.settings.Trigger); skip != nil {
			return skipped(w.settings, e, skip.Reason), nil
		}
	}
	if err != nil {
		return &report.Refusal{Run: newRun(w.settings, e), Command: string(verb)}, err
	}
	if skip := policy.WithCredentials(w.settings.Trigger, verb, e, w.settings.AllowForks); skip != nil {
		return skipped(w.settings, e, skip.Reason), nil
	}
	w.settings.Region = w.aws.Region
	if w.github, err = newGitHub(w.process, w.settings); err != nil {
		return &report.Refusal{Run: newRun(w.settings, e), Command: string(verb)}, err
	}
	w.publisher = &publish.Publisher{
		Log: w.log, GitHub: w.github, Run: newRun(w.settings, e),
		Comment: publish.When(w.settings.GitHub.Comment), Deployments: publish.Deployments(w.settings.GitHub.Deployments),
	}
	return nil, nil
}

// run carries out the job's verb with the clients that it uses.
func (w *wiring) run(ctx context.Context, job config.Job) (report.Result, error) {
	switch job := job.(type) {
	case config.Deploy:
		job.Settings = w.settings
		return deploy(ctx, job, deployClients{
			destroyClients: w.destroyClients(job.PullRequest),
			github:         w.github, transport: w.process.HTTP, publisher: w.publisher,
		})
	case config.Destroy:
		job.Settings = w.settings
		return destroy(ctx, job, w.destroyClients(job.PullRequest))
	case config.Sweep:
		job.Settings = w.settings
		return sweep(ctx, job, sweepClients{destroyClients: w.destroyClients(0), github: w.github, publisher: w.publisher})
	case config.Bootstrap:
		job.Settings = w.settings
		return bootstrap(ctx, job, bootstrapClients{log: w.log, stacks: w.stacks(), rollout: w.rollout()})
	}
	return skipped(w.settings, environment.Environment{Service: w.settings.Service}, "there is nothing to do"), nil
}

func (w *wiring) destroyClients(pullRequest int) destroyClients {
	return destroyClients{
		log: w.log, times: w.times, region: w.aws.Region,
		stacks: w.stacks(), rollout: w.rollout(), registry: ecr.NewFromConfig(w.aws),
		pulls: &admission.PullRequest{GitHub: w.github, Number: pullRequest, Log: w.log},
	}
}

func (w *wiring) stacks() *cfn.Client {
	return &cfn.Client{API: cloudformation.NewFromConfig(w.aws), Logf: w.log.Line}
}

func (w *wiring) rollout() rollout.Clients {
	return rollout.Clients{
		CloudFormation: cloudformation.NewFromConfig(w.aws), ECS: ecs.NewFromConfig(w.aws), ELB: elbv2.NewFromConfig(w.aws),
		Logs: cloudwatchlogs.NewFromConfig(w.aws), HTTP: w.process.HTTP, Log: w.log, Times: w.times,
	}
}

// newRun is what is certain about a run before anything was asked.
func newRun(s config.Settings, e environment.Environment) report.Run {
	return report.Run{
		Environment: e, Repository: s.Repository, ServerURL: s.ServerURL, RunURL: s.RunURL,
		Region: s.Region, Commit: s.Trigger.Commit,
	}
}

// skipped is the result of a run that does nothing.
func skipped(s config.Settings, e environment.Environment, reason string) *report.Deployment {
	result := &report.Deployment{Run: newRun(s, e)}
	result.Ending, result.Reason = report.Skipped, reason
	return result
}
