package aws_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/v1/random"

	fakeaws "pr-stack/internal/fake/aws"
)

// shared is an account with a load balancer, and behind it the services blue and green with a task each,
// and the target group empty without one. Its clients do not retry.
type shared struct {
	*testing.T
	*fakeaws.AWS
	cfn *cloudformation.Client
	elb *elbv2.Client
	out map[string]string // Listener, Blue, Green, Empty, Host
}

const sharedTemplate = `
Parameters: {Image: {Type: String}}
Resources:
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", MessageBody: nothing here}}]
  Names:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: Z1
      Name: "*.example.com."
      Type: A
      AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: !GetAtt Balancer.CanonicalHostedZoneID}
  Cluster: {Type: AWS::ECS::Cluster}
  Empty: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80}}
BLUE
GREEN
Outputs:
  Listener: {Value: !Ref Listener}
  Host: {Value: !GetAtt Balancer.DNSName}
  Balancer: {Value: !GetAtt Balancer.LoadBalancerFullName}
  Blue: {Value: !Ref Blue}
  Green: {Value: !Ref Green}
  Empty: {Value: !Ref Empty}
`

const sharedService = `
  NAME: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80, HealthCheckIntervalSeconds: 5}}
  NAMERule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: PRIORITY
      Conditions: [{Field: host-header, Values: ["NAME.example.com"]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref NAME}]
  NAMETask:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: app, Image: !Ref Image, PortMappings: [{ContainerPort: 80}], Environment: [{Name: COLOUR, Value: NAME}]}]
  NAMEService:
    Type: AWS::ECS::Service
    DependsOn: NAMERule
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref NAMETask
      DesiredCount: 1
      LoadBalancers: [{ContainerName: app, ContainerPort: 80, TargetGroupArn: !Ref NAME}]
`

// colour makes each container answer with its name.
func colour(_ string, env map[string]string) fakeaws.Container {
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, env["COLOUR"]) })}
}

func onShared(t *testing.T, options fakeaws.Options, test func(s *shared)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if options.Container == nil {
			options.Container = colour
		}
		account := fakeaws.New(options)
		account.AddHostedZone(fakeaws.HostedZone{ID: "Z1", Name: "example.com"})
		once := func(o *elbv2.Options) { o.Retryer = aws.NopRetryer{} }
		s := &shared{T: t, AWS: account, cfn: cloudformation.NewFromConfig(account.Config()), elb: elbv2.NewFromConfig(account.Config(), once)}
		s.deploy("repository", `{"Resources": {"R": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "app"}}}}`, nil)
		image, err := random.Image(32, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := account.PushImage("app", "one", image)
		if err != nil {
			t.Fatal(err)
		}
		body := strings.NewReplacer("BLUE", strings.NewReplacer("NAME", "Blue", "PRIORITY", "101").Replace(sharedService),
			"GREEN", strings.NewReplacer("NAME", "Green", "PRIORITY", "102").Replace(sharedService)).Replace(sharedTemplate)
		s.out = s.deploy("shared", body, map[string]string{"Image": account.RegistryHost() + "/app@" + digest})
		test(s)
	})
}

// deploy creates a stack and returns its outputs.
func (s *shared) deploy(name, body string, values map[string]string) map[string]string {
	s.Helper()
	at := &site{T: s.T, AWS: s.AWS, cfn: s.cfn}
	at.create(name, body, values)
	<-time.After(15 * time.Minute)
	if got := at.stack(name).StackStatus; got != "CREATE_COMPLETE" {
		var timeline strings.Builder
		s.Timeline(&timeline, name)
		s.Fatalf("the stack %s is %s:\n%s", name, got, timeline.String())
	}
	return at.outputs(name)
}

// forward returns an action that shares requests between target groups by their weights, in pairs.
func forward(pairs ...any) []types.Action {
	var groups []types.TargetGroupTuple
	for i := 0; i < len(pairs); i += 2 {
		groups = append(groups, types.TargetGroupTuple{TargetGroupArn: aws.String(pairs[i].(string)), Weight: aws.Int32(int32(pairs[i+1].(int)))})
	}
	return []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{
		TargetGroups: groups, TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)},
	}}}
}

// rule returns a call that creates the rule of production's host.
func (s *shared) rule(priority int32, actions []types.Action) *elbv2.CreateRuleInput {
	return &elbv2.CreateRuleInput{
		ListenerArn: aws.String(s.out["Listener"]), Priority: &priority, Actions: actions,
		Conditions: []types.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{"production.example.com"}}}},
		Tags:       []types.Tag{{Key: aws.String("service"), Value: aws.String("hello")}},
	}
}

func (s *shared) createRule(actions []types.Action) (arn string) {
	s.Helper()
	made, err := s.elb.CreateRule(s.Context(), s.rule(1, actions))
	if err != nil {
		s.Fatalf("CreateRule = %v", err)
	}
	return *made.Rules[0].RuleArn
}

func (s *shared) modify(arn string, actions []types.Action) {
	s.Helper()
	if _, err := s.elb.ModifyRule(s.Context(), &elbv2.ModifyRuleInput{RuleArn: &arn, Actions: actions}); err != nil {
		s.Fatalf("ModifyRule = %v", err)
	}
}

// requests sends requests to production's host and returns how many got each answer.
func (s *shared) requests(n int) map[string]int {
	s.Helper()
	answers := map[string]int{}
	for range n {
		request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+production, http.NoBody)
		if err != nil {
			s.Fatal(err)
		}
		answers[s.do(request)]++
	}
	return answers
}

func (s *shared) do(request *http.Request) string {
	response, err := s.RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Sprint(response.StatusCode)
	}
	return string(body)
}

func (s *shared) want(what string, got map[string]int, pairs ...any) {
	s.Helper()
	want := map[string]int{}
	for i := 0; i < len(pairs); i += 2 {
		want[pairs[i].(string)] = pairs[i+1].(int)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("%s: %v, want %v", what, got, want)
	}
}

func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Sprint(err)
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}
