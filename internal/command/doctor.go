package command

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/smithy-go"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/doctor"
	"pr-stack/internal/github"
	"pr-stack/internal/image"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
	"pr-stack/internal/workflow"
)

// doctorClients is what doctor works with. If signedIn is not nil, the AWS clients must not be used.
type doctorClients struct {
	run      report.Run // what is certain about the run
	log      *runner.Log
	signedIn error
	config   aws.Config
	token    awsconfig.TokenSource
	github   *github.Client // nil without a token
	examine  func(context.Context, Build) (string, error)
	stacks   *cfn.Client
	registry *awsecr.Client
	ecs      *awsecs.Client
	elb      *elbv2.Client
	iam      *awsiam.Client
	links    *apigatewayv2.Client
	quotas   *servicequotas.Client

	route53    *route53.Client // for production
	cloudwatch *cloudwatch.Client
}

// examine is the verb doctor: it reports what would keep a deployment from working, and changes nothing. The
// result is a failure if something is missing without which no deployment works.
func examine(ctx context.Context, job config.Doctor, with doctorClients) (*report.Doctor, error) {
	result := &report.Doctor{Run: with.run}
	facts := doctor.Facts{AWS: askAWS(ctx, job, with), Workflows: readWorkflows(job)}
	if facts.AWS.Problem == nil {
		base := askBase(ctx, job, with)
		facts.Production = askProduction(ctx, job, base, facts.Workflows.Found, with)
		facts.Base, facts.Permissions, facts.Quotas = base.facts, askPermissions(ctx, job, base, facts.AWS.Caller, with), askQuotas(ctx, job, base.facts, with)
	}
	facts.Docker, facts.GitHub = askDocker(ctx, job, with), askGitHub(ctx, job, with)
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	result.Checks = doctor.Examine(facts)
	result.Trust = doctor.TrustPolicy(job.Role, facts.AWS.Token)
	result.Ending = report.Up
	for group, checks := range result.Groups {
		with.log.Line("%s", group)
		for _, c := range checks {
			with.log.Line("  %s", c.Line())
			if c.Found == report.CheckMissing {
				result.Ending = report.Failed
			}
		}
	}
	if result.Trust != "" {
		with.log.Group(report.TrustNote)
		with.log.Line("%s", result.Trust)
		with.log.EndGroup()
	}
	return result, nil
}

// problem returns an error in the words of a check, or nil if there is no error.
func problem(err error) *doctor.Problem {
	if err == nil {
		return nil
	}
	p := &doctor.Problem{Why: message(err), Fix: strings.Join(hints(err), "; ")}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code := api.ErrorCode()
		p.Denied = strings.HasPrefix(code, "AccessDenied") || code == "UnauthorizedOperation"
	}
	return p
}

func askAWS(ctx context.Context, job config.Doctor, with doctorClients) doctor.AWS {
	facts := doctor.AWS{Region: cmp.Or(with.config.Region, job.Region), Allowed: job.SignIn.Accounts}
	err := with.signedIn
	if err == nil || errors.Is(err, awsconfig.ErrOtherAccount) {
		caller, asked := awsconfig.WhoIs(ctx, with.config)
		facts.Caller, facts.Account = caller.ARN, caller.Account
		err = cmp.Or(err, asked)
	}
	facts.Problem = problem(err)
	switch {
	case err == nil:
	case errors.Is(err, awsconfig.ErrNoRegion):
		facts.Lacks = doctor.Region
	case errors.Is(err, awsconfig.ErrOtherAccount):
		facts.Lacks = doctor.Account
	default:
		facts.Lacks = doctor.Credentials
	}
	if job.SignIn.TokenURL != "" && job.SignIn.TokenSecret != "" {
		facts.Token = doctor.Token{Asked: true, Role: job.SignIn.RoleARN}
		claims, err := with.token.Claims(ctx, with.log.Mask)
		facts.Token.Issuer, facts.Token.Subject, facts.Token.Problem = claims.Issuer, claims.Subject, problem(err)
	}
	return facts
}

// dockerTimeout is how long a daemon may take to describe itself.
const dockerTimeout = 30 * time.Second

func askDocker(ctx context.Context, job config.Doctor, with doctorClients) (facts doctor.Docker) {
	build, builds := job.Image.(config.Build)
	facts.Build = problem(job.ImageProblem)
	facts.Needed = builds || job.ImageProblem != nil
	if !builds {
		return facts
	}
	ctx, cancel := context.WithTimeoutCause(ctx, dockerTimeout, errors.New("the Docker daemon does not answer"))
	defer cancel()
	var err error
	if with.examine != nil {
		facts.About, err = with.examine(ctx, image.Options(build))
	} else {
		facts.About, err = image.Examine(ctx, image.Options(build), job.DockerHost, image.Cache(job.GitHubCache))
	}
	facts.Problem = problem(err)
	return facts
}

func askGitHub(ctx context.Context, job config.Doctor, with doctorClients) doctor.GitHub {
	facts := doctor.GitHub{Repository: job.Repository, HasToken: with.github != nil, Reads: map[string]*doctor.Problem{}}
	if with.github == nil {
		return facts
	}
	for permission, read := range with.github.Reads(job.Trigger.Commit) {
		facts.Reads[permission] = problem(read(ctx))
	}
	return facts
}

func readWorkflows(job config.Doctor) doctor.Workflows {
	files, err := workflow.Read(job.Workspace)
	if errors.Is(err, os.ErrNotExist) {
		fix := "run doctor in a checkout of the repository"
		if job.OnGitHub {
			fix = "run actions/checkout before this step"
		}
		return doctor.Workflows{Problem: &doctor.Problem{Why: "there is no " + workflow.Folder, Fix: fix}}
	}
	if err != nil {
		return doctor.Workflows{Problem: problem(err)}
	}
	rules := workflow.Rules{Action: job.Action, Ref: job.ActionRef, Nearest: config.NearestInput}
	for _, input := range config.AllInputs {
		rules.Inputs = append(rules.Inputs, input.Name)
	}
	return doctor.Workflows{Found: workflow.Examine(files, rules)}
}
