package aws

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/fake/aws/internal/account"
)

// everything is a stack with most types that a service needs. No task runs.
const everything = `
Parameters:
  Image: {Type: String, Default: one}
  Retention: {Type: String, Default: 7}
Resources:
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-1, InternetGatewayId: igw-1}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: one
      VpcId: vpc-1
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]
      Tags: [{Key: team, Value: own}]
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b], SecurityGroups: [!Ref Group]}}
  Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Port: 80, Protocol: HTTP}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]}
  Repository: {Type: AWS::ECR::Repository}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /x/logs, RetentionInDays: !Ref Retention}}
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: f
      ExecutionRoleArn: arn:aws:iam::123456789012:role/execution
      ContainerDefinitions: [{Name: app, Image: !Ref Image}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Definition, DesiredCount: 0}
Outputs:
  Group: {Value: !Ref Group}
`

// rights is an account whose caller may do everything but what is denied.
type rights struct {
	*testing.T
	*AWS
	denied []string // actions
	asked  []account.Access
	caller *account.Principal
}

func withRights(t *testing.T, test func(r *rights)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rights{T: t, AWS: New(Options{})}
		r.caller = &account.Principal{ARN: "arn:aws:sts::123456789012:assumed-role/deploy/run", Decide: r.decide}
		test(r)
	})
}

func (r *rights) decide(a account.Access) account.Decision {
	r.asked = append(r.asked, a)
	if slices.Contains(r.denied, a.Action) {
		return account.ImplicitDeny
	}
	return account.Allow
}

// call makes a call to CloudFormation and lets ten minutes pass. The pairs are names and values of
// its form.
func (r *rights) call(operation string, pairs ...string) error {
	r.Helper()
	form := url.Values{"StackName": {"s"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r.account.Lock()
	r.account.Advance()
	r.account.Caller = r.caller
	_, err := r.stacks.Operations().Query[operation](form)
	r.account.Caller = nil
	r.account.Unlock()
	<-time.After(10 * time.Minute)
	r.account.Lock()
	defer r.account.Unlock()
	r.account.Advance()
	return err
}

func (r *rights) must(operation string, pairs ...string) {
	r.Helper()
	if err := r.call(operation, pairs...); err != nil {
		r.Fatalf("%s = %v", operation, err)
	}
}

// tags returns the form of tags, which are names and values.
func tags(pairs ...string) []string {
	var form []string
	for i := 0; i < len(pairs); i += 2 {
		member := "Tags.member." + strconv.Itoa(i/2+1)
		form = append(form, member+".Key", pairs[i], member+".Value", pairs[i+1])
	}
	return form
}

func (r *rights) create(pairs ...string) {
	r.Helper()
	r.must("CreateStack", append(pairs, "TemplateBody", everything)...)
}

// update changes the stack and forgets the events before.
func (r *rights) update(pairs ...string) (events string) {
	r.Helper()
	before := len(r.events())
	r.must("UpdateStack", append(pairs, "TemplateBody", everything)...)
	return r.events()[before:]
}

// events returns the stack's events, one a line: status, resource, reason.
func (r *rights) events() string { return strings.Join(append(r.eventsOf("s"), ""), "\n") }

func (r *rights) eventsOf(name string) (lines []string) {
	var timeline bytes.Buffer
	r.Timeline(&timeline, name)
	for line := range strings.Lines(timeline.String()) {
		lines = append(lines, strings.Join(strings.Fields(line)[1:], " "))
	}
	return lines
}

// physicalID returns the physical ID of a resource or, without a name, the stack's ID. It is "" if
// there is no resource of that name.
func (r *rights) physicalID(logicalID string) string {
	r.Helper()
	if logicalID == "" {
		return *r.latest().StackId
	}
	answer, err := cloudformation.NewFromConfig(r.Config()).ListStackResources(r.Context(),
		&cloudformation.ListStackResourcesInput{StackName: r.latest().StackId})
	if err != nil {
		r.Fatal(err)
	}
	for _, resource := range answer.StackResourceSummaries {
		if *resource.LogicalResourceId == logicalID {
			return *resource.PhysicalResourceId
		}
	}
	return ""
}

// latest returns the stack's newest event.
func (r *rights) latest() types.StackEvent {
	r.Helper()
	name := "s"
	answer, err := cloudformation.NewFromConfig(r.Config()).DescribeStackEvents(r.Context(),
		&cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		r.Fatal(err)
	}
	return answer.StackEvents[0]
}

func (r *rights) ended() time.Time { return *r.latest().Timestamp }

// wantEnd wants the last event to be the stack's, with that status.
func (r *rights) wantEnd(status string) {
	r.Helper()
	lines := strings.Split(strings.TrimSpace(r.events()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, status+" s") {
		r.Errorf("the stack ends with %q, want %s\n%s", last, status, r.events())
	}
}

// wantAsked wants one access like this to have been checked: its action, its resource and one value
// of its context, KEY=VALUE, or "".
func (r *rights) wantAsked(action, resource, context string) {
	r.Helper()
	var seen []string
	for _, a := range r.asked {
		key, value, _ := strings.Cut(context, "=")
		if a.Action != action {
			continue
		}
		if a.Resource == resource && (context == "" || a.Context[key] == value) {
			return
		}
		seen = append(seen, a.Resource)
	}
	r.Errorf("%s on %s with %q was not checked, only on %q", action, resource, context, seen)
}
