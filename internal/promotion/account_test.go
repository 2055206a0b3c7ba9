package promotion

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
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
  TargetGroup: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80, HealthCheckIntervalSeconds: 5, HealthCheckPath: /ok}}
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

	mu     sync.Mutex
	fail   map[string]bool // stacks that answer 500
	hiccup map[string]bool // stacks that do so to the next request
	slow   map[string]time.Duration
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
	a := &account{T: t, log: &bytes.Buffer{}, fail: map[string]bool{}, hiccup: map[string]bool{}, slow: map[string]time.Duration{}}
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
	stack := env["STACK"]
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ok" { // a health check, or the gate
			return
		}
		a.mu.Lock()
		fail, slow := a.fail[stack] || a.hiccup[stack], a.slow[stack]
		delete(a.hiccup, stack)
		a.mu.Unlock()
		<-time.After(slow)
		if fail {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, stack)
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
func (a *account) traffic() Traffic {
	if a.listener == "" {
		return a.Record("Z1", host, a.old, a.new)
	}
	return a.Listener(a.listener, host, func(taken func(int) bool) (int, bool) {
		for p := 1; p < 100; p++ {
			if !taken(p) {
				return p, true
			}
		}
		return 0, false
	}, map[string]string{"service": "hello"}, a.old, a.new)
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
