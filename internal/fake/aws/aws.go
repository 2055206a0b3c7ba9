// Package aws is one AWS account in one region, in memory: CloudFormation, ECS, Lambda, Elastic Load
// Balancing, API Gateway and Cloud Map, ECR with a real registry behind it, Route 53, Certificate
// Manager, CloudWatch and its Logs, the Parameter Store, IAM and STS, as an http.Handler that speaks their
// wire protocols.
//
// Config's clients are an administrator's. Others (ConfigAs, or credentials that STS gave) may do what
// the policies of their role allow, and each call is refused as AWS refuses it if they do not.
//
// It exists so that the real SDK client can be run against a server that is slow, late, paged,
// throttled and broken in the ways in which AWS is. It holds no product logic: it knows nothing of
// pull requests. What it answers, in which words, order and time, comes from recorded answers; each
// text has its source beside it.
//
// It runs no goroutine and no timer. What happens to a stack after a call is scheduled, and every
// effect that is due happens, in order, before the next request is answered. So the same AWS serves
// a testing/synctest bubble, where twenty minutes pass in no time, and a socket, where Scale
// shortens them.
package aws

import (
	"cmp"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"pr-stack/internal/fake/aws/acm"
	"pr-stack/internal/fake/aws/apigateway"
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/cloudmap"
	"pr-stack/internal/fake/aws/cloudwatch"
	"pr-stack/internal/fake/aws/dynamodb"
	"pr-stack/internal/fake/aws/ec2"
	"pr-stack/internal/fake/aws/ecr"
	"pr-stack/internal/fake/aws/ecs"
	"pr-stack/internal/fake/aws/elb"
	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
	"pr-stack/internal/fake/aws/lambda"
	"pr-stack/internal/fake/aws/logs"
	"pr-stack/internal/fake/aws/route53"
	"pr-stack/internal/fake/aws/s3"
	"pr-stack/internal/fake/aws/servicequotas"
	"pr-stack/internal/fake/aws/sqs"
	"pr-stack/internal/fake/aws/ssm"
	"pr-stack/internal/fake/internal/serve"
)

// Options is what differs between one fake account and another. The zero value is an account in
// eu-north-1 that works, at AWS's own pace.
type Options struct {
	Account string  // twelve digits; 123456789012 if empty
	Region  string  // eu-north-1 if empty
	Scale   float64 // every duration is multiplied by it; 0 means 1

	// RegistryHost is the host and port under which clients reach the handler as a registry, and so
	// the first part of every repository URI. If empty it is ECR's own:
	// ACCOUNT.dkr.ecr.REGION.amazonaws.com.
	RegistryHost string

	// LoadBalancerHost gives the DNS name of a load balancer, or of an HTTP API by its ID; it may carry
	// a port. If nil the name is AWS's own form, and a request whose Host is that name reaches the load
	// balancer or the API.
	LoadBalancerHost func(name string) string

	// Container returns how the container of an image behaves. It is called each time a task
	// starts. If nil, every container is the zero Container, which listens on the port that its
	// task definition maps and answers 200.
	Container ecs.Behavior
	// Function returns how the container of a function's image behaves. It is called each time an
	// execution environment starts. If nil, every one is the zero Function, which answers 200.
	Function lambda.Behavior

	// Task returns how the container of a task behaves that RunTask starts. If nil, each ends after two
	// seconds, with code 0.
	Task ecs.Task

	PageSize int // the most entries on one page of any listing; 0 means AWS's own page sizes
	// EventPage is the most events on one page of DescribeStackEvents; 0 means PageSize.
	EventPage int
	// BareEvents leaves the properties of resources out of events, where nothing of ours reads them.
	BareEvents bool
	Rate       RateLimit // calls a second, for each operation separately; the zero value sets no limit

	// EventDelay is how long a stack event takes to become visible. Nil: no time.
	EventDelay func(logicalID, status string) time.Duration
	// Staleness is how old the answer of DescribeStacks is; it is called at each call. Nil: it is
	// up to date. Right after a change, CloudFormation may still show the previous status
	// (aws-cdk-cli#1803).
	Staleness func() time.Duration
	// CreateLag is how long CloudFormation's reads do not find a stack after CreateStack: they are
	// eventually consistent (cloudtools/stacker#683).
	CreateLag time.Duration
	// StrictTokens answers a CreateStack or UpdateStack that is repeated with its token, while the
	// operation is in progress, with TokenAlreadyExistsException. Otherwise it is answered as the first
	// time. Which of the two AWS does was not found.
	StrictTokens bool
	// Linger is how long the network interfaces of a load balancer or a task outlive it. Until they
	// are gone, their security group cannot be deleted.
	Linger time.Duration
	// RuleDelay is how long it takes until requests follow a change of a listener's rule; 0 means three
	// seconds, and less than 0 no time.
	RuleDelay time.Duration
	// RuleStaleness is how old the answer of DescribeRules is; it is called at each call. Nil: it is up to
	// date.
	RuleStaleness func() time.Duration
	// ResolverTTL is how long a client's resolver keeps an answer; 60 seconds beside aliases of load
	// balancers. 0: each request asks again.
	ResolverTTL time.Duration
	// MetricDelay is how long after the end of a minute its metrics become visible; 0 means 75 seconds, and
	// less than 0 that they are visible at once.
	MetricDelay time.Duration
	// DuplicateEvents makes DescribeStackEvents show every event twice in a row.
	DuplicateEvents bool
	// ParameterStaleness is how old the answers of the Parameter Store's reads are; it is called at each
	// call. Nil: they are up to date.
	ParameterStaleness func() time.Duration
}

// RateLimit is a token bucket; a call that finds it empty is answered with Throttling, "Rate
// exceeded".
type RateLimit struct {
	PerSecond float64
	Burst     int
}

// AWS is the account. Make it with New; it is safe for concurrent use.
type AWS struct {
	account *account.Account
	rate    RateLimit

	calls   []Call
	faults  []*Fault
	buckets map[string]*bucket

	operations  map[string]wire.Operations  // by the service's name in a request's signature
	permissions map[string]permission.Table // likewise
	routes      map[string]wire.Routes      // of the services that speak REST JSON

	identity *identity.Identity
	quotas   *servicequotas.Quotas
	stacks   *cloudformation.Engine
	elb      *elb.ELB
	ecs      *ecs.ECS
	apis     *apigateway.APIGateway
	ecr      *ecr.ECR
	acm      *acm.ACM
	route53  *route53.Route53
	objects  *s3.S3
	store    *ssm.Store
	metrics  *cloudwatch.CloudWatch
}

// New returns an account that holds nothing.
func New(o Options) *AWS {
	shared := &account.Account{
		ID:     cmp.Or(o.Account, "123456789012"),
		Region: cmp.Or(o.Region, "eu-north-1"),
		Scale:  cmp.Or(o.Scale, 1),
		Pages:  o.PageSize,
	}
	networks, logGroups, names := ec2.New(shared, o.Linger), logs.New(shared), route53.New(shared)
	objects, store := s3.New(shared), ssm.New(shared, ssm.Options{Staleness: o.ParameterStaleness})
	certificates := acm.New(shared, names.Proves)
	certificate := func(arn string) elb.Certificate { return elb.Certificate(certificates.Certificate(arn)) }
	a := &AWS{
		account:  shared,
		rate:     o.Rate,
		buckets:  map[string]*bucket{},
		identity: identity.New(shared),
		quotas:   servicequotas.New(shared),
		elb:      elb.New(shared, networks, o.LoadBalancerHost, certificate),
		acm:      certificates,
		route53:  names,
		objects:  objects,
		store:    store,
		metrics:  cloudwatch.New(shared),
		ecr:      ecr.New(shared, cmp.Or(o.RegistryHost, shared.ID+".dkr.ecr."+shared.Region+".amazonaws.com")),
		stacks: cloudformation.New(shared, cloudformation.Options{
			EventDelay: o.EventDelay, Staleness: o.Staleness, DuplicateEvents: o.DuplicateEvents,
			ReadTemplate: objects.ReadTemplate, StoredParameter: store.Get,
			CreateLag: o.CreateLag, StrictTokens: o.StrictTokens, EventPage: o.EventPage, BareEvents: o.BareEvents,
		}),
	}
	discovery := cloudmap.New(shared)
	a.apis = apigateway.New(shared, networks, discovery, o.LoadBalancerHost)
	containers := ecs.New(shared, ecs.Dependencies{EC2: networks, ECR: a.ecr, ELB: a.elb, CloudMap: discovery, Logs: logGroups}, o.Container, o.Task)
	functions := a.newFunctions(logGroups, o.Function)
	a.ecs = containers
	a.elb.RuleDelay, a.elb.RuleStaleness = o.RuleDelay, o.RuleStaleness
	a.metrics.Delay, a.elb.Measure = o.MetricDelay, a.metrics.Measure
	names.KeepAnswers, names.Healthy = o.ResolverTTL, a.elb.Healthy
	tagsOf := a.elb.TagsOver(shared.TagsOf)
	shared.TagsOf = func(arn string) map[string]string { return containers.Tags(a.apis.TaggedAs(arn), tagsOf) }
	a.routes = map[string]wire.Routes{"apigateway": apigateway.Routes, "lambda": lambda.Routes}
	a.add(map[string]service{
		"cloudformation": a.stacks, "monitoring": a.metrics, "sts": a.identity, "elasticloadbalancing": a.elb, "ecr": a.ecr, "ecs": containers,
		"lambda": functions, "logs": logGroups, "apigateway": a.apis, "servicediscovery": discovery, "iam": a.identity.IAM(),
		"route53": names, "servicequotas": a.quotas, "s3": objects, "ssm": store,
	})
	for _, types := range []map[string]cloudformation.Type{
		networks.Types(), iamTypes(shared, a.identity), a.ecr.Types(), containers.Types(), a.elb.Types(), logGroups.Types(),
		functions.Types(),
		a.apis.Types(), discovery.Types(),
		certificates.Types(), names.Types(),
		objects.Types(), store.Types(), dynamodb.Types(shared), sqs.Types(shared),
	} {
		a.stacks.Register(types)
	}
	a.stacks.RegisterParameters(networks.ParameterTypes())
	return a
}

// service is one that has an API.
type service interface {
	Operations() wire.Operations
	CallPermissions() permission.Table
}

// add adds services, by their names in a request's signature.
func (a *AWS) add(services map[string]service) {
	a.operations, a.permissions = map[string]wire.Operations{}, map[string]permission.Table{}
	for name, s := range services {
		a.operations[name], a.permissions[name] = s.Operations(), s.CallPermissions()
	}
}

// Config returns a configuration whose clients talk to the account in memory, as its administrator.
func (a *AWS) Config() aws.Config { return a.config("AKIAFAKE", "") }

func (a *AWS) config(accessKey, sessionToken string) aws.Config {
	return aws.Config{
		Region:      a.account.Region,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "fake-secret-access-key", sessionToken),
		HTTPClient:  a,
	}
}

// Do answers a request in memory; it makes AWS an aws.HTTPClient.
func (a *AWS) Do(r *http.Request) (*http.Response, error) { return a.RoundTrip(r) }

// RoundTrip answers a request in memory; it makes AWS the Transport of an http.Client, for which
// every host that the account owns exists: its services', its registry's, its load balancers' and its APIs'.
func (a *AWS) RoundTrip(r *http.Request) (*http.Response, error) {
	return serve.Handler(a.serve).RoundTrip(r)
}

// ServeHTTP answers a request from a socket.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serve.Handler(a.serve).ServeHTTP(w, r)
}
