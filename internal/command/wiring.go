package command

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
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

// newGitHub returns a client of GitHub's API; nil without a repository or a token.
func newGitHub(p Process, s config.Settings) (*github.Client, error) {
	if s.Repository == "" || s.GitHub.Token == "" {
		return nil, nil
	}
	return github.New(github.Options{APIURL: s.GitHub.APIURL, Token: s.GitHub.Token, Repository: s.Repository, Transport: p.GitHub})
}

// wiring makes the clients of one job. No verb sees it.
type wiring struct {
	process  Process
	settings config.Settings
	log      *runner.Log
	times    *timeline.Recorder
	aws      aws.Config
	github   *github.Client
	signedIn error // why the credentials cannot be used; only doctor goes on with it
}

// signIn finds AWS credentials and a token for GitHub. A skip says that the run has no credentials,
// or none that its code may use.
func (w *wiring) signIn(ctx context.Context, verb policy.Verb, e environment.Environment) (*policy.Skip, error) {
	var err error
	if w.settings.MaskAccount {
		w.log.Conceal(w.settings.SignIn.Accounts...)
	}
	w.aws, err = awsconfig.SignIn(ctx, awsconfig.Options{
		Region: w.settings.Region, Role: w.role(), Accounts: w.settings.SignIn.Accounts,
		Load: w.process.AWS, Mask: w.log.Mask, Logf: w.log.Line, Debugf: w.log.Debug,
	})
	if errors.Is(err, awsconfig.ErrNoCredentials) {
		if skip := policy.WithoutCredentials(w.settings.Trigger); skip != nil {
			return skip, nil
		}
	}
	if err != nil {
		return nil, err
	}
	w.settings.Region = w.aws.Region
	w.github, err = newGitHub(w.process, w.settings)
	return policy.WithCredentials(w.settings.Trigger, verb, e, w.settings.AllowForks), err
}

// role returns the role that the job assumes, or nil if the AWS SDK finds credentials.
func (w *wiring) role() *awsconfig.Role {
	s := w.settings.SignIn
	if s.RoleARN == "" {
		return nil
	}
	return &awsconfig.Role{
		ARN: s.RoleARN, SessionName: s.SessionName, Duration: s.Duration,
		Token: w.tokens(),
	}
}

// tokens is where the job gets its OIDC tokens.
func (w *wiring) tokens() awsconfig.TokenSource {
	s := w.settings.SignIn
	return awsconfig.TokenSource{URL: s.TokenURL, Secret: s.TokenSecret, Transport: w.process.GitHub}
}

// newPublisher returns the publisher of a run.
func (w *wiring) newPublisher(run report.Run) *publish.Publisher {
	return &publish.Publisher{
		Log: w.log, GitHub: w.github, Run: run,
		Comment: publish.When(w.settings.GitHub.Comment), Logs: w.settings.GitHub.CommentLogs,
		Deployments: publish.Deployments(w.settings.GitHub.Deployments),
	}
}

func (w *wiring) forDeploy(pullRequest int, run report.Run, p *publish.Publisher) deployClients {
	return deployClients{
		destroyClients: w.forDestroy(pullRequest, run), github: w.github, transport: w.process.HTTP, publisher: p,
		docker: w.process.Docker, aws: w.aws, promotion: w.newPromotion(),
	}
}

func (w *wiring) forSweep(run report.Run, p *publish.Publisher) sweepClients {
	return sweepClients{destroyClients: w.forDestroy(0, run), github: w.github, publisher: p}
}

func (w *wiring) forBootstrap(run report.Run) bootstrapClients {
	return bootstrapClients{
		run: run, log: w.log, stacks: w.newStacks(), rollout: w.newRollout(), aws: w.aws, iam: iam.NewFromConfig(w.aws),
		route53:    route53.NewFromConfig(w.aws),
		repository: w.readRepository, terminal: w.process.Terminal,
	}
}

// readRepository reads a repository from GitHub. It need not be the run's. Without a token, only a public
// one can be read.
func (w *wiring) readRepository(ctx context.Context, name string) (github.Repository, error) {
	gh, err := github.New(github.Options{
		APIURL: w.settings.GitHub.APIURL, Token: w.settings.GitHub.Token, Repository: name, Transport: w.process.GitHub,
	})
	if err != nil {
		return github.Repository{}, err
	}
	return gh.Repository(ctx)
}

func (w *wiring) forDoctor(run report.Run) doctorClients {
	if w.github == nil { // without credentials it was not created
		w.github, _ = newGitHub(w.process, w.settings)
	}
	return doctorClients{
		run: run, log: w.log, signedIn: w.signedIn, config: w.aws, token: w.tokens(), github: w.github,
		examine: w.process.Examine, stacks: w.newStacks(), registry: ecr.NewFromConfig(w.aws), ecs: ecs.NewFromConfig(w.aws),
		elb: elbv2.NewFromConfig(w.aws), iam: iam.NewFromConfig(w.aws), quotas: servicequotas.NewFromConfig(w.aws),
		links: apigatewayv2.NewFromConfig(w.aws), route53: route53.NewFromConfig(w.aws), cloudwatch: cloudwatch.NewFromConfig(w.aws),
	}
}

func (w *wiring) forDestroy(pullRequest int, run report.Run) destroyClients {
	return destroyClients{
		run: run, log: w.log, times: w.times,
		stacks: w.newStacks(), rollout: w.newRollout(), registry: ecr.NewFromConfig(w.aws),
		pulls: &admission.PullRequest{GitHub: w.github, Number: pullRequest, Log: w.log}, serving: w.newServing(),
	}
}

func (w *wiring) newStacks() *cfn.Client {
	return &cfn.Client{API: cloudformation.NewFromConfig(w.aws), Logf: w.log.Line}
}

func (w *wiring) newRollout() rollout.Clients {
	return rollout.Clients{
		CloudFormation: cloudformation.NewFromConfig(w.aws), ECS: ecs.NewFromConfig(w.aws), ELB: elbv2.NewFromConfig(w.aws),
		APIGateway: apigatewayv2.NewFromConfig(w.aws), CloudMap: servicediscovery.NewFromConfig(w.aws), Lambda: lambda.NewFromConfig(w.aws),
		Logs: cloudwatchlogs.NewFromConfig(w.aws), HTTP: w.process.HTTP, Log: w.log, Times: w.times,
	}
}
