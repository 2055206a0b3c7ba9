package command_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// colleague may push a branch, and so holds the role of pull requests' jobs. The account has
// production of hello-world, pull request 7's preview, and the preview of another service whose name
// begins with hello-world-pr.
type colleague struct {
	*env
	stacks   *cloudformation.Client
	registry *ecr.Client
	logs     *cloudwatchlogs.Client
}

func asColleague(t *testing.T, test func(t *testing.T, c *colleague)) {
	t.Helper()
	skipUnderRace(t)
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789"}
		e.GitHub.Open(7, oneCommit)
		e.run("opened", oneCommit, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production").want(t, 0, "created", "")
		e.run("opened", oneCommit).want(t, 0, "created", "")
		other := "INPUT_SERVICE=hello-world-pr"
		e.run("opened", oneCommit, other, "INPUT_COMMAND=bootstrap").want(t, 0, "created", "")
		e.run("opened", oneCommit, other).want(t, 0, "created", "")
		config, err := e.ConfigAs("hello-world", "preview")
		e.check(err)
		test(t, &colleague{
			env: e, stacks: cloudformation.NewFromConfig(config),
			registry: ecr.NewFromConfig(config), logs: cloudwatchlogs.NewFromConfig(config),
		})
	})
}

// denied fails the test unless AWS refused a call for want of permissions.
func (c *colleague) denied(what string, err error) {
	c.t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || !strings.Contains(api.ErrorCode(), "AccessDenied") {
		c.t.Errorf("%s: error = %v, want that it is not authorized", what, err)
	}
}

const oneLogGroup = "Resources: {Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: %s}}}"

// previewTags are those of a preview of hello-world.
func previewTags() []types.Tag {
	return tagsOf(actiontest.Tags("hello-world", "pr-9", 9))
}

func tagsOf(tags map[string]string) (list []types.Tag) {
	for key, value := range tags {
		list = append(list, types.Tag{Key: &key, Value: &value})
	}
	return list
}

func TestColleague_cannot_change_the_stacks_of_others(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		for _, name := range []string{
			"hello-world-production", "hello-world-base", "hello-world-base-roles", // this service's own
			"hello-world-pr-pr-7", "hello-world-pr-base", "hello-world-pr-base-roles", // another's, whose names look like those of previews
		} {
			before, err := c.Stack(t.Context(), name)
			c.check(err)
			_, err = c.stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &name})
			c.denied("delete "+name, err)
			for what, tags := range map[string][]types.Tag{"": nil, " with a preview's tags": previewTags()} {
				_, err = c.stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
					StackName: &name, TemplateBody: aws.String(fmt.Sprintf(oneLogGroup, "x")), Tags: tags,
				})
				c.denied("update "+name+what, err)
			}
			_, err = c.stacks.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: &name})
			c.denied("cancel the update of "+name, err)
			if after, err := c.Stack(t.Context(), name); err != nil || after.Status != before.Status {
				t.Errorf("stack %s is in %q, %v, want %q", name, after.Status, err, before.Status)
			}
		}
	})
}

func TestColleague_cannot_create_stacks_that_are_not_previews(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		for name, tags := range map[string]map[string]string{
			"hello-world-staging":  actiontest.Tags("hello-world", "pr-9", 9),
			"other-pr-9":           actiontest.Tags("hello-world", "pr-9", 9),
			"hello-world-pr-9":     nil,
			"hello-world-pr-pr-9":  actiontest.Tags("hello-world-pr", "pr-9", 9),
			"hello-world-pr-10":    actiontest.Tags("hello-world", "production", 0),
			"hello-world-pr-pr-11": nil,
		} {
			_, err := c.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: &name, TemplateBody: aws.String(fmt.Sprintf(oneLogGroup, "/pr-stack/"+name)), Tags: tagsOf(tags),
			})
			c.denied("create "+name, err)
		}
	})
}

// An environment that is called as a pull request's, without being one, would be in the hands of
// whoever holds the role of those.
func TestColleague_gets_no_permanent_environment_that_is_called_as_a_pull_requests(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		for _, name := range []string{"pr-staging", "pr-007", "pr-", "pr.staging"} {
			r := c.run("opened", oneCommit, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT="+name)
			r.want(t, 1, "", "")
			if log := r.Log(); !strings.Contains(log, "is called like the environments of pull requests") {
				t.Errorf("deploy to %s: %s, want that the name is refused", name, log)
			}
		}
	})
}

func TestColleague_cannot_touch_the_images_and_logs_of_others(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		permanent := base["PermanentRepositoryName"]
		_, err = c.registry.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{
			RepositoryName: &permanent, ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: aws.String("production.0123456789ab")}},
		})
		c.denied("delete an image of production", err)
		_, err = c.registry.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: &permanent})
		c.denied("list the images of production", err)
		for _, group := range []string{"/pr-stack/hello-world-production", "/aws/lambda/payments"} {
			_, err = c.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: aws.String("app/app/1")})
			c.denied("read log group "+group, err)
		}
	})
}

// Outside of CloudFormation, the role changes nothing but images of previews. These are asked of the
// policy alone: the account in memory has no such calls.
func TestColleague_changes_nothing_but_through_CloudFormation(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		role, err := c.RoleARN("hello-world", "preview")
		c.check(err)
		const here = ":eu-north-1:123456789012:"
		own := map[string]string{"aws:ResourceTag/pr-stack:service": "hello-world", "aws:ResourceTag/pr-stack:environment": "pr-7",
			"aws:RequestTag/pr-stack:service": "hello-world", "aws:RequestTag/pr-stack:environment": "pr-7"}
		for _, access := range []struct{ action, resource string }{
			{"ecs:UpdateService", "arn:aws:ecs" + here + "service/" + base["ClusterName"] + "/hello-world-pr-7-EcsService-A"},
			{"ecs:RunTask", "arn:aws:ecs" + here + "task-definition/hello-world-pr-7:1"},
			{"ecs:ExecuteCommand", "arn:aws:ecs" + here + "task/" + base["ClusterName"] + "/1"},
			{"elasticloadbalancing:DeleteLoadBalancer", "arn:aws:elasticloadbalancing" + here + "loadbalancer/app/hello-LoadB-A/1"},
			{"elasticloadbalancing:RegisterTargets", "arn:aws:elasticloadbalancing" + here + "targetgroup/hello-Targe-A/1"},
			{"ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2" + here + "security-group/sg-1"},
			{"logs:DeleteLogGroup", "arn:aws:logs" + here + "log-group:/pr-stack/hello-world-pr-7:*"},
			{"iam:PassRole", base["PermanentTaskRoleArn"]},
			{"iam:CreateRole", "arn:aws:iam::123456789012:role/mine"},
			{"iam:PutRolePolicy", "arn:aws:iam::123456789012:role/pr-stack-0-preview"},
			{"cloudformation:TagResource", "arn:aws:cloudformation" + here + "stack/hello-world-pr-pr-7/1"},
			{"cloudformation:UpdateTerminationProtection", "arn:aws:cloudformation" + here + "stack/hello-world-production/1"},
			{"ecr:PutImage", "arn:aws:ecr" + here + "repository/" + base["PermanentRepositoryName"]},
			{"ecr:SetRepositoryPolicy", "arn:aws:ecr" + here + "repository/" + base["RepositoryName"]},
		} {
			if c.AWS.Simulate(role, access.action, access.resource, own) {
				t.Errorf("the role may call %s on %s, want that it may not", access.action, access.resource)
			}
		}
		if !c.AWS.Simulate(role, "ecr:PutImage", "arn:aws:ecr"+here+"repository/"+base["RepositoryName"], nil) {
			t.Error("the role may not push an image of a preview, so this test proves nothing")
		}
	})
}

// Services may share a base stack, and so a network.
func TestColleague_changes_no_security_group_of_another_service_on_the_same_base_stack(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		role, err := c.RoleARN("hello-world", "preview")
		c.check(err)
		const here = "arn:aws:ec2:eu-north-1:123456789012:"
		for service, want := range map[string]bool{"hello-world": true, "other": false} {
			got := c.AWS.Simulate(role, "ec2:AuthorizeSecurityGroupIngress", here+"security-group/sg-1", map[string]string{
				"aws:CalledVia": "cloudformation.amazonaws.com", "ec2:Vpc": here + "vpc/" + base["VpcId"],
				"aws:ResourceTag/pr-stack:service": service, "aws:ResourceTag/pr-stack:environment": "pr-7",
			})
			if got != want {
				t.Errorf("the role may open a group of a preview of %s: %t, want %t", service, got, want)
			}
		}
	})
}
