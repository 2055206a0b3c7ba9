package cloudformation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
)

// The wording of CloudFormation's answers, as LocalStack's snapshot tests recorded them from AWS.
func TestCloudFormation_wording(t *testing.T) {
	type in = cloudformation.CreateStackInput
	create := func(c *cloudformation.Client, i *in) error {
		i.StackName = aws.String("t")
		_, err := c.CreateStack(context.Background(), i)
		return err
	}
	update := func(c *cloudformation.Client, body string, values ...types.Parameter) error {
		_, err := c.UpdateStack(context.Background(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: &body, Parameters: values})
		return err
	}
	role := "Resources: {R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}}"
	for name, test := range map[string]struct {
		call func(a *fakeaws.AWS, c *cloudformation.Client, id string) error
		code string
		want string // ID stands for the stack's ID
	}{
		"describe a missing stack": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String("x")})
			return err
		}, "ValidationError", "Stack with id x does not exist"},
		"events of a missing stack": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.DescribeStackEvents(context.Background(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("x")})
			return err
		}, "ValidationError", "Stack [x] does not exist"},
		"a stack that exists": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.CreateStack(context.Background(), &in{StackName: aws.String("s"), TemplateBody: aws.String(small)})
			return err
		}, "AlreadyExistsException", "Stack [s] already exists"},
		"no changes": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error { return update(c, small) }, "ValidationError", "No updates are to be performed."},
		"a status that does not allow it": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "ROLLBACK_COMPLETE", "")
			return update(c, small)
		}, "ValidationError", "Stack:ID is in ROLLBACK_COMPLETE state and can not be updated."},
		"a failed update that was not rolled back": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "UPDATE_FAILED", "")
			return update(c, small)
		}, "ValidationError", "This stack is currently in a non-terminal [UPDATE_FAILED] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API"},
		"delete while updating": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "UPDATE_IN_PROGRESS", "")
			_, err := c.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "Stack [s] cannot be deleted while in status UPDATE_IN_PROGRESS"},
		"delete a protected stack": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.UpdateTerminationProtection(context.Background(), &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("s"), EnableTerminationProtection: aws.Bool(true)})
			if err != nil {
				return err
			}
			_, err = c.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "Stack [s] cannot be deleted while TerminationProtection is enabled"},
		"cancel when no update is in progress": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.CancelUpdateStack(context.Background(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "CancelUpdateStack cannot be called from current stack status"},
		"capabilities": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: &role})
		},
			"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"},
		"no JSON": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("{\n  \"Resources\": ")})
		},
			"ValidationError", "Template format error: JSON not well-formed. (line 2, column 16)"},
		"no YAML": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("a: b: c")})
		},
			"ValidationError", "Template format error: YAML not well-formed."},
		"no resources": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {}")})
		},
			"ValidationError", "Template format error: At least one Resources member must be defined."},
		"no type": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {}}")})
		},
			"ValidationError", "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		"unresolved in resources": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref X}}}")})
		}, "ValidationError", "Template format error: Unresolved resource dependencies [X] in the Resources block of the template"},
		"unresolved in outputs": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {Type: AWS::EC2::VPC}}\nOutputs: {B: {Value: !Ref X}}")})
		}, "ValidationError", "Unresolved resource dependencies [X] in the Outputs block of the template"},
		"parameters without values": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Parameters: {B: {Type: String}, A: {Type: String}}\nResources: {V: {Type: AWS::EC2::VPC}}")})
		}, "ValidationError", "Parameters: [A, B] must have values"},
		"a role that cannot be assumed": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String(small), RoleARN: aws.String("arn:aws:iam::123456789012:role/not-assumable")})
		}, "ValidationError", "Role arn:aws:iam::123456789012:role/not-assumable is invalid or cannot be assumed"},
	} {
		t.Run(name, func(t *testing.T) {
			onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
				id := createSmall(t, c, nil)
				<-time.After(time.Minute)
				err := test.call(a, c, id)
				var api smithy.APIError
				want := strings.ReplaceAll(test.want, "ID", id)
				if !errors.As(err, &api) || api.ErrorCode() != test.code || api.ErrorMessage() != want {
					t.Errorf("got %v\nwant %s: %s", err, test.code, want)
				}
			})
		})
	}
}
