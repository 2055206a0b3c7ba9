// Package aws is one AWS account in one region, in memory: CloudFormation, ECS, Elastic Load Balancing, ECR with a
// real registry behind it, CloudWatch Logs and STS, as an http.Handler that speaks their wire protocols.
//
// It exists so that the real SDK client can be run against a far side that is slow, late, paged, throttled and broken in
// the ways in which AWS is. It holds no product logic: it knows nothing of pull requests. What it answers, in which
// words, order and time, comes from recorded answers; each text has its source beside it.
//
// It runs no goroutine and no timer. What happens to a stack after a call is put on an agenda, and everything that has
// come due is carried out, in order, before the next request is answered. So the same AWS serves a testing/synctest
// bubble, where twenty minutes pass in no time, and a socket, where Scale shortens them.
package aws

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Options is what differs between one fake account and another. The zero value is an account in eu-north-1 that works,
// at AWS's own pace.
type Options struct {
	Account string  // twelve digits; 123456789012 if empty
	Region  string  // eu-north-1 if empty
	Scale   float64 // every duration is multiplied by it; 0 means 1

	// RegistryHost is the host and port under which clients reach the handler as a registry, and so the first part of
	// every repository URI. If empty it is ECR's own: ACCOUNT.dkr.ecr.REGION.amazonaws.com.
	RegistryHost string

	// LoadBalancerHost gives the DNS name of a load balancer; it may carry a port. If nil the name is AWS's own form, and
	// a request whose Host is that name reaches the load balancer.
	LoadBalancerHost func(loadBalancerName string) string

	// Container says how the container of an image behaves. It is asked each time a task starts. If nil, or for the zero
	// Container, the container listens on the port that its task definition maps and answers 200.
	Container func(image string, env map[string]string) Container

	PageSize int       // the most entries on one page of any listing; 0 means as AWS has it
	Rate     RateLimit // calls a second, for each operation by itself; the zero value sets no limit

	// EventDelay is how much later than it happened a stack event becomes visible. Nil: at once.
	EventDelay func(logicalID, status string) time.Duration
	// Staleness is how old what DescribeStacks shows of a stack is, asked at each call. Nil: it is up to date. Right after a
	// call, CloudFormation may still show the status from before (aws-cdk-cli#1803).
	Staleness func() time.Duration
	// Linger is how long the network interfaces of a load balancer or a task outlive it. A security group of theirs cannot
	// be deleted before they are gone.
	Linger time.Duration
	// DuplicateEvents makes DescribeStackEvents show every event twice, on neighbouring places.
	DuplicateEvents bool
}

// RateLimit is a token bucket; a call that finds it empty is answered with Throttling, "Rate exceeded".
type RateLimit struct {
	PerSecond float64
	Burst     int
}

// Container is how one container behaves from the moment its task runs.
type Container struct {
	Handler    http.Handler  // what it answers; nil answers 200 "ok"
	Port       int           // where it listens; 0: the port that the task definition maps
	StartDelay time.Duration // from RUNNING until it listens
	Exit       *Exit         // when and how it ends by itself; nil: never
	Log        []string      // what it writes to its log stream when it starts
	Hang       bool          // it takes connections and never answers
	PullError  string        // set: the image cannot be pulled, and this is the stopped reason
	Unplaced   string        // set: no place is found for its task, and this is why
	Stop       func()        // called once when its task stops; may be nil
}

// Exit is the end of a container.
type Exit struct {
	After  time.Duration // since RUNNING
	Code   int
	Reason string // the container's reason, such as "OutOfMemoryError: Container killed due to memory usage"
}

// AWS is the account. Make it with New; it is safe for concurrent use.
type AWS struct {
	opts Options

	mu       sync.Mutex
	now      time.Time // the time at which the effect or request at hand takes place
	agenda   agenda
	serial   int // of what needs an ID that nothing else has
	calls    []Call
	faults   []*Fault
	buckets  map[string]*bucket
	failures []*Failure
	hooks    []*objection
	checks   []*objection

	operations map[string]operations // by the service's name in a request's signature
	types      map[string]resourceType

	cfn  cfnStore
	ec2  ec2Store
	ecr  ecrStore
	ecs  ecsStore
	elb  elbStore
	logs logsStore
}

// New returns an account that holds nothing.
func New(opts Options) *AWS {
	if opts.Account == "" {
		opts.Account = "123456789012"
	}
	if opts.Region == "" {
		opts.Region = "eu-north-1"
	}
	if opts.Scale == 0 {
		opts.Scale = 1
	}
	if opts.RegistryHost == "" {
		opts.RegistryHost = opts.Account + ".dkr.ecr." + opts.Region + ".amazonaws.com"
	}
	a := &AWS{opts: opts, buckets: map[string]*bucket{}, types: map[string]resourceType{}}
	a.operations = map[string]operations{
		"cloudformation":       {query: cfnOperations()},
		"sts":                  {query: stsOperations()},
		"elasticloadbalancing": {query: elbOperations()},
		"ecr":                  {json: ecrOperations()},
		"ecs":                  {json: ecsOperations()},
		"logs":                 {json: logsOperations()},
	}
	for _, types := range []map[string]resourceType{ec2Types(), iamTypes(), ecrTypes(), ecsTypes(), elbTypes(), logsTypes(), nestedTypes()} {
		maps.Copy(a.types, types)
	}
	return a
}

// Config returns a configuration whose clients talk to the account in memory, signed with credentials that it accepts.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region:      a.opts.Region,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAFAKE", "fake-secret-access-key", ""),
		HTTPClient:  a,
	}
}

// Do answers a request in memory; it makes AWS an aws.HTTPClient.
func (a *AWS) Do(r *http.Request) (*http.Response, error) { return a.RoundTrip(r) }

// RoundTrip answers a request in memory; it makes AWS the Transport of an http.Client, for which every host that the
// account owns exists: its services', its registry's and its load balancers'.
func (a *AWS) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	w := httptest.NewRecorder()
	if err := a.serve(w, r); err != nil {
		return nil, err
	}
	response := w.Result()
	response.Request = r
	return response, nil
}

// ServeHTTP answers a request from a socket.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.serve(w, r); err != nil {
		panic(http.ErrAbortHandler) // the connection breaks: that is the fault that was asked for
	}
}
