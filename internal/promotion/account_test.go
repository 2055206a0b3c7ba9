package promotion

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/release"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// host is production's. The base stack's names all lead to the shared load balancer.
const host = "www.example.com"

const baseTemplate = `
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: shared}}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]
  Names:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: Z1
      Name: "*.example.com."
      Type: A
      AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: !GetAtt Balancer.CanonicalHostedZoneID}
Outputs:
  Listener: {Value: !Ref Listener}
`

const serviceTemplate = `
Parameters: {Image: {Type: String}, Listener: {Type: String, Default: none}, Priority: {Type: Number}, Tasks: {Type: Number}}
Resources:
  TargetGroup: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80, HealthCheckIntervalSeconds: 5}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: app, Image: !Ref Image, PortMappings: [{ContainerPort: 80}], Environment: [{Name: STACK, Value: !Ref AWS::StackName}]}]
  Service:
    Type: AWS::ECS::Service
    Metadata: {After: !Ref Front}
    Properties:
      Cluster: shared
      TaskDefinition: !Ref Task
      DesiredCount: !Ref Tasks
      LoadBalancers: [{ContainerName: app, ContainerPort: 80, TargetGroupArn: !Ref TargetGroup}]
`

const sharedFront = `
  Front:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: !Ref Priority
      Conditions: [{Field: host-header, Values: [!Sub "${AWS::StackName}.example.com"]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref TargetGroup}]
`

const ownFront = `
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Front:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref TargetGroup}]
`

// account is an account with the stacks hello-pr-7 and hello-pr-9, and the clients that a promotion uses.
type account struct {
	*testing.T
	*fakeaws.AWS
	Clients
	cloudFormation *cloudformation.Client
	log            *bytes.Buffer
	image          string
	listener       string // ARN; "" if each stack has a load balancer of its own
	old, new       Backend
	calls          *calls

	mu   sync.Mutex
	fail map[string]bool // stacks that answer 500
	slow map[string]time.Duration
}

// way is how the requests are shared.
type way = release.Way

// inAccount runs a test in a bubble, once for each way.
func inAccount(t *testing.T, options fakeaws.Options, test func(a *account), ways ...way) {
	t.Helper()
	if len(ways) == 0 {
		ways = []way{release.Listener, release.Record}
	}
	for _, w := range ways {
		t.Run(string(w), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(newAccount(t, options, w)) })
		})
	}
}

func newAccount(t *testing.T, options fakeaws.Options, w way) *account {
	t.Helper()
	a := &account{T: t, log: &bytes.Buffer{}, fail: map[string]bool{}, slow: map[string]time.Duration{}}
	options.Container = a.container
	a.AWS = fakeaws.New(options)
	a.AddHostedZone(fakeaws.HostedZone{ID: "Z1", Name: "example.com"})
	config := a.Config()
	a.cloudFormation = cloudformation.NewFromConfig(config)
	a.calls = &calls{to: a.AWS}
	config.HTTPClient = a.calls
	a.Clients = Clients{
		ELB: elbv2.NewFromConfig(config), Route53: route53.NewFromConfig(config), CloudWatch: cloudwatch.NewFromConfig(config),
		ECS: ecs.NewFromConfig(config), HTTP: a.AWS, Log: runner.New(a.log, nil), Times: &timeline.Recorder{},
	}
	a.push()
	base := a.deploy("base", baseTemplate, nil)
	front := ownFront
	if w == release.Listener {
		front, a.listener = sharedFront, base["Listener"]
	}
	a.old, a.new = a.environment("hello-pr-7", front, 1), a.environment("hello-pr-9", front, 1)
	return a
}

// container answers with its stack's name, or badly.
func (a *account) container(_ string, env map[string]string) fakeaws.Container {
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		fail, slow := a.fail[env["STACK"]] && r.URL.Path != "/ok", a.slow[env["STACK"]]
		a.mu.Unlock()
		<-time.After(slow)
		if fail {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, env["STACK"])
	})}
}

func (a *account) push() {
	a.Helper()
	name := "app"
	if _, err := ecr.NewFromConfig(a.Config()).CreateRepository(a.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name}); err != nil {
		a.Fatal(err)
	}
	content, err := random.Image(16, 1)
	if err != nil {
		a.Fatal(err)
	}
	digest, err := a.PushImage(name, "1", content)
	if err != nil {
		a.Fatal(err)
	}
	a.image = a.RegistryHost() + "/app@" + digest
}

// deploy creates a stack and returns its outputs.
func (a *account) deploy(name, body string, parameters map[string]string) map[string]string {
	a.Helper()
	input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}
	for key, value := range parameters {
		input.Parameters = append(input.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	if _, err := a.cloudFormation.CreateStack(a.Context(), input); err != nil {
		a.Fatal(err)
	}
	<-time.After(10 * time.Minute)
	stack, err := (&cfn.Client{API: a.cloudFormation}).Describe(a.Context(), name)
	if err != nil || stack.Status != types.StackStatusCreateComplete {
		a.Timeline(a.Output(), name)
		a.Fatalf("stack %s is %s: %v", name, stack.Status, err)
	}
	return stack.Outputs
}

// environment creates a stack that requests can be sent to.
func (a *account) environment(name, front string, tasks int) Backend {
	a.Helper()
	number, _ := strconv.Atoi(name[len(name)-1:])
	a.deploy(name, serviceTemplate+front, map[string]string{
		"Image": a.image, "Listener": a.listener, "Priority": strconv.Itoa(100 + number), "Tasks": strconv.Itoa(tasks),
	})
	b, err := a.Backend(a.Context(), name, a.resources(name), a.listener)
	if err != nil {
		a.Fatal(err)
	}
	return b
}

func (a *account) resources(stack string) (list []cfn.Resource) {
	a.Helper()
	for r, err := range (&cfn.Client{API: a.cloudFormation}).Resources(a.Context(), stack) {
		if err != nil {
			a.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// traffic is production's requests.
func (a *account) traffic(backends ...Backend) Traffic {
	if len(backends) == 0 {
		backends = []Backend{a.old, a.new}
	}
	if a.listener == "" {
		return a.Record("Z1", host, backends...)
	}
	return a.Listener(a.listener, host, func(taken func(int) bool) (int, bool) {
		for p := 1; p < 100; p++ {
			if !taken(p) {
				return p, true
			}
		}
		return 0, false
	}, map[string]string{"service": "hello"}, backends...)
}

// serve gives all requests to the old stack.
func (a *account) serve() {
	a.Helper()
	if err := a.traffic().Write(a.Context(), release.Weights{}, release.Only(a.old.Stack)); err != nil {
		a.Fatal(err)
	}
	<-time.After(10 * time.Second)
	a.calls.made = nil
}

// shift is a shift from the old stack to the new one.
func (a *account) shift() Shift {
	return Shift{
		Traffic: a.traffic(), From: a.old, To: a.new, Steps: []int{5, 50, 100}, Bake: 3 * time.Minute,
		Limits: release.DefaultLimits, URL: "http://" + host, Path: "/ok",
	}
}

// weights are those that AWS has.
func (a *account) weights() string {
	a.Helper()
	live, err := a.traffic().Read(context.WithoutCancel(a.Context()))
	if err != nil {
		return err.Error()
	}
	return live.String()
}

// ask requests production n times and returns how many of the answers were of each stack.
func (a *account) ask(n int) map[string]int {
	answers := map[string]int{}
	for range n {
		answers[a.once()]++
	}
	return answers
}

func (a *account) once() string {
	request, err := http.NewRequestWithContext(context.WithoutCancel(a.Context()), http.MethodGet, "http://"+host+"/", nil)
	if err != nil {
		return err.Error()
	}
	response, err := a.RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return strings.TrimSpace(string(body))
}

// crowd requests production several times a second until the function that it returns is called.
func (a *account) crowd(perSecond int) (leave func()) {
	ctx, cancel := context.WithCancel(a.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for ctx.Err() == nil {
			a.ask(perSecond)
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() {
		cancel()
		<-gone
	}
}

// calls counts the calls of a promotion, and may do something before one of them. A call that was sent
// takes effect, even if nobody waits for its answer any more.
type calls struct {
	to     *fakeaws.AWS
	mu     sync.Mutex
	made   []string // their operations
	before func(n int, operation string)
	late   func(n int, operation string) time.Duration // how long a call takes before it has an effect
}

func (c *calls) Do(r *http.Request) (*http.Response, error) {
	operation := operationOf(r)
	c.mu.Lock()
	n := len(c.made)
	c.made = append(c.made, operation)
	before, late := c.before, c.late
	c.mu.Unlock()
	if before != nil {
		before(n, operation)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if late == nil {
		return c.to.Do(r)
	}
	type answer struct {
		response *http.Response
		err      error
	}
	answered := make(chan answer, 1)
	go func() {
		<-time.After(late(n, operation))
		response, err := c.to.Do(r.WithContext(context.WithoutCancel(r.Context())))
		answered <- answer{response, err}
	}()
	select {
	case a := <-answered:
		return a.response, a.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// operationOf returns the operation that a request is for, or its method and path.
func operationOf(r *http.Request) string {
	if _, name, found := strings.Cut(r.Header.Get("X-Amz-Target"), "."); found {
		return name
	}
	if r.Body != nil && r.GetBody == nil {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if _, rest, found := strings.Cut(string(body), "Action="); found {
			name, _, _ := strings.Cut(rest, "&")
			return name
		}
	}
	return r.Method + " " + r.URL.Path
}

// writes returns how many calls have changed weights.
func (c *calls) writes() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, operation := range c.made {
		if isWrite(operation) {
			n++
		}
	}
	return n
}

func isWrite(operation string) bool {
	return slices.Contains([]string{"ModifyRule", "CreateRule", "DeleteRule"}, operation) || strings.HasPrefix(operation, "POST") && strings.HasSuffix(operation, "/rrset")
}

// sorted returns a count in words, for messages and comparisons.
func sorted(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, name+" "+strconv.Itoa(counts[name]))
	}
	return strings.Join(words, ", ")
}
