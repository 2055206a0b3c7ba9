package command_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// deniedByHandler matches the words of the handlers for a denied action.
var deniedByHandler = regexp.MustCompile(`(Handler)?Error ?Code: AccessDenied|You are not authorized to perform this operation`)

// What a colleague's own stack creates is limited, too: the handlers of its resources have the
// colleague's rights.
func TestColleague_cannot_reach_others_through_a_stack(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		for what, resource := range map[string]string{
			"take production's log group": "Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /pr-stack/hello-world-production-2}",
			"start a service beside production's": "Type: AWS::ECS::Service, Properties: {ServiceName: hello-world-production-2, TaskDefinition: x, Cluster: " +
				base["ClusterName"] + "}",
			"run code with production's role": "Type: AWS::ECS::TaskDefinition, Properties: {Family: hello-world-pr-9, TaskRoleArn: '" +
				base["PermanentTaskRoleArn"] + "', ContainerDefinitions: []}",
			"open production's tasks to the internet": "Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: " +
				c.resource("hello-world-production", "TaskSecurityGroup") + ", IpProtocol: '-1', CidrIp: 0.0.0.0/0}",
			"open another service's tasks": "Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: " +
				c.resource("hello-world-pr-pr-7", "TaskSecurityGroup") + ", IpProtocol: '-1', CidrIp: 0.0.0.0/0}",
			"open a group of another network": "Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: sg-0fedcba9876543210, " +
				"IpProtocol: '-1', CidrIp: 0.0.0.0/0}",
			"listen on production's load balancer": "Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: '" +
				c.resource("hello-world-production", "LoadBalancer") +
				"', Port: 81, Protocol: HTTP, DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]}",
			"run production's task definition": "Type: AWS::ECS::Service, Properties: {Cluster: " + base["ClusterName"] +
				", TaskDefinition: '" + c.resource("hello-world-production", "TaskDefinition") + "'}",
			"run in another network": "Type: AWS::ECS::Service, Properties: {Cluster: " + base["ClusterName"] +
				", TaskDefinition: '" + c.resource("hello-world-pr-7", "TaskDefinition") +
				"', NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [" + base["PublicSubnetIds"] + ", subnet-0fedcba9876543210], " +
				"SecurityGroups: [sg-0fedcba9876543210]}}}",
			"make a role":       "Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}",
			"make a repository": "Type: AWS::ECR::Repository, Properties: {RepositoryName: mine}",
		} {
			c.deniedInStack(what, resource)
		}
	})
}

// deniedInStack fails the test unless a resource of the colleague's own stack is denied.
func (c *colleague) deniedInStack(what, resource string) {
	c.t.Helper()
	name := "hello-world-pr-9"
	created, err := c.stacks.CreateStack(c.t.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: aws.String("Resources: {Mine: {" + resource + "}}"), Tags: previewTags(),
		OnFailure: types.OnFailureDelete, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	c.check(err)
	if status := c.settled(*created.StackId); status != types.StackStatusDeleteComplete {
		c.t.Errorf("%s: the stack is in %s, want that its resource is denied", what, status)
		c.remove(*created.StackId)
		return
	}
	if reason := c.failure(c.t.Context(), *created.StackId); !deniedByHandler.MatchString(reason) {
		c.t.Errorf("%s: the resource failed because %q, want that it is denied", what, reason)
	}
}

// ECS pulls a task's image, and begins its log, with a role that a pull request's task definition names.
func TestColleague_cannot_have_ECS_fetch_what_is_productions(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		repository := func(name string) string { return "arn:aws:ecr:eu-north-1:123456789012:repository/" + name }
		of := func(name string) map[string]string {
			return map[string]string{"aws:ResourceTag/pr-stack:environment": name}
		}
		logs := "arn:aws:logs:eu-north-1:123456789012:log-group:/pr-stack/hello-world-x:log-stream:app/app/1"
		for _, test := range []struct {
			action, resource string
			tags             map[string]string
			want             bool
		}{
			{"ecr:BatchGetImage", repository(base["PermanentRepositoryName"]), nil, false},
			{"ecr:GetDownloadUrlForLayer", repository(base["PermanentRepositoryName"]), nil, false},
			{"ecr:GetDownloadUrlForLayer", repository(base["RepositoryName"]), nil, true},
			{"ecr:BatchGetImage", repository("other"), map[string]string{"aws:ResourceTag/pr-stack:images": "permanent"}, false},
			{"ecr:BatchGetImage", repository("other"), nil, true},
			{"logs:CreateLogStream", logs, of("production"), false},
			{"logs:CreateLogStream", logs, of("pr-7"), true},
			{"logs:CreateLogStream", logs, nil, true},
			// The code of a preview may have the role as well.
			{"logs:PutLogEvents", strings.Replace(logs, "-x", "-production", 1), nil, false},
			{"logs:PutLogEvents", strings.Replace(logs, "hello-world-x", "of-production-pr-7", 1), nil, true},
		} {
			if got := c.AWS.Simulate(base["TaskExecutionRoleArn"], test.action, test.resource, test.tags); got != test.want {
				t.Errorf("ECS may call %s on %s with tags %v: %t, want %t", test.action, test.resource, test.tags, got, test.want)
			}
			if !c.AWS.Simulate(base["PermanentTaskExecutionRoleArn"], test.action, test.resource, test.tags) {
				t.Errorf("ECS may not call %s for production, want that it may", test.action)
			}
		}
	})
}

// resource returns the physical ID of a stack's resource.
func (c *colleague) resource(stack, logicalID string) string {
	listed, err := c.CloudFormation().ListStackResources(c.t.Context(), &cloudformation.ListStackResourcesInput{StackName: &stack})
	c.check(err)
	for _, r := range listed.StackResourceSummaries {
		if *r.LogicalResourceId == logicalID {
			return *r.PhysicalResourceId
		}
	}
	c.t.Fatalf("stack %s has no resource %s", stack, logicalID)
	return ""
}

// settled returns the status of a stack once nothing happens to it any more.
func (c *colleague) settled(stackID string) types.StackStatus {
	for range poll.Every(c.t.Context(), 10*time.Second) {
		now, err := c.CloudFormation().DescribeStacks(c.t.Context(), &cloudformation.DescribeStacksInput{StackName: &stackID})
		c.check(err)
		if status := now.Stacks[0].StackStatus; !strings.HasSuffix(string(status), "_IN_PROGRESS") {
			return status
		}
	}
	return "an operation that does not end"
}

func (c *colleague) remove(stackID string) {
	_, err := c.CloudFormation().DeleteStack(c.t.Context(), &cloudformation.DeleteStackInput{StackName: &stackID})
	c.check(err)
	c.settled(stackID)
}

// failure returns why the first resource of a stack failed.
func (c *colleague) failure(ctx context.Context, stackID string) (reason string) {
	events, err := c.CloudFormation().DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &stackID})
	c.check(err)
	for _, e := range events.StackEvents {
		if e.ResourceStatus == types.ResourceStatusCreateFailed {
			reason = aws.ToString(e.ResourceStatusReason)
		}
	}
	return reason
}
