package command

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/github"
	"pr-stack/internal/report"
)

// edges is what a command works with: its configuration, the log, and the far side.
type edges struct {
	config config.Config
	region string
	log    *console
	events *eventLog
	times  *timeline
	stacks *cfn.Client
	ecr    *awsecr.Client
	ecs    *awsecs.Client
	elb    *awselb.Client
	logs   *cloudwatchlogs.Client
	http   http.RoundTripper

	github  *github.Client // nil if there is nobody to ask or no token to ask with
	unasked bool           // GitHub did not answer once, and that was said
}

// connect finds credentials and region, so that their lack is told as what it is, before anything is done.
func connect(ctx context.Context, p Process, c config.Config, log *console) (*edges, error) {
	load := p.AWS
	if load == nil {
		load = defaultAWS
	}
	sdk, err := load(ctx, c.Region)
	if err != nil {
		return nil, &explained{message: "read the AWS configuration: " + err.Error(), cause: err}
	}
	// Credentials first: what gives a job its credentials mostly gives it its region, too.
	if sdk.Credentials == nil {
		return nil, noCredentials(nil)
	}
	credentials, err := sdk.Credentials.Retrieve(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, noCredentials(err)
	}
	log.mask(credentials.SecretAccessKey)
	log.mask(credentials.SessionToken)
	if sdk.Region == "" {
		return nil, &explained{message: "sign in to AWS: no region is set", hint: "set aws-region, such as eu-north-1"}
	}
	sdk.Retryer = patient

	gh, err := connectGitHub(p, c)
	if err != nil {
		return nil, err
	}
	times := &timeline{}
	events := &eventLog{log: log, times: times}
	return &edges{
		config: c,
		region: sdk.Region,
		log:    log,
		events: events,
		times:  times,
		stacks: &cfn.Client{API: cloudformation.NewFromConfig(sdk), OnEvent: events.show, Logf: log.line},
		ecr:    awsecr.NewFromConfig(sdk),
		ecs:    awsecs.NewFromConfig(sdk),
		elb:    awselb.NewFromConfig(sdk),
		logs:   cloudwatchlogs.NewFromConfig(sdk),
		github: gh,
		http:   p.HTTP,
	}, nil
}

func connectGitHub(p Process, c config.Config) (*github.Client, error) {
	if c.Repository == "" || c.GitHub.Token == "" {
		return nil, nil
	}
	return github.New(github.Options{APIURL: c.GitHub.APIURL, Token: c.GitHub.Token, Repository: c.Repository, Transport: p.GitHub})
}

func defaultAWS(ctx context.Context, region string) (aws.Config, error) {
	return awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region), awsconfig.WithAppID("pr-stack"))
}

// errNoCredentials tells that there are none; what was tried stands beside it.
var errNoCredentials = errors.New("no credentials")

func noCredentials(cause error) error {
	return &explained{
		message: "sign in to AWS: there are no credentials",
		hint:    "run aws-actions/configure-aws-credentials before this step (with permissions: id-token: write), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
		cause:   errors.Join(errNoCredentials, cause),
	}
}

// patient outlasts a throttled account: by itself the SDK gives up after three attempts, about 1.4 s. Only the context
// ends it earlier. A refusal that no waiting helps is still returned at once.
func patient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 20
		o.MaxBackoff = 5 * time.Second
		o.RateLimiter = ratelimit.None
	})
}

// phases times the parts of a command and shows each as a group of the log.
type phases struct {
	log   *console
	times *timeline
	list  []report.Phase
}

// run carries out one part. What it returns is a note on what came of it. The section is that of the picture.
func (p *phases) run(section, name string, part func() (note string, err error)) error {
	p.log.group(name)
	defer p.log.endGroup()
	began := time.Now()
	note, err := part()
	took := time.Since(began)
	bar := report.Bar{Section: section, Name: name, Begin: began, End: began.Add(took)}
	if err != nil {
		bar.Note = "failed"
	}
	p.times.phase(bar)
	if err != nil {
		note = "failed"
	}
	p.list = append(p.list, report.Phase{Name: name, Took: took, Note: note})
	if err == nil && note != "" {
		p.log.line("  %s, %s", note, report.Duration(took))
	}
	return err
}
