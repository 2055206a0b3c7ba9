package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// The rows are names that AWS's generator gives (cloudformation-cli-java-plugin, IdentifierUtils), but
// for their random end.
func TestGeneratedName(t *testing.T) {
	for stack, want := range map[string]string{
		strings.Repeat("s", 28) + "-base": strings.Repeat("s", 28) + "-base-TaskExecutionRole-",
		strings.Repeat("s", 29) + "-base": strings.Repeat("s", 29) + "-bas-TaskExecutionRole-",
		"a--b-base":                       "a-b-base-TaskExecutionRole-",
	} {
		run(t, fakeaws.Options{}, func(s tester) {
			_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
				StackName: &stack, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
				TemplateBody: aws.String(`
Resources:
  TaskExecutionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]
Outputs: {Name: {Value: !Ref TaskExecutionRole}}
`),
			})
			s.must(err)
			got := aws.ToString(s.describe(stack).Outputs[0].OutputValue)
			if name, ok := strings.CutPrefix(got, want); !ok || len(name) != 12 {
				s.Errorf("role of %s = %s, want %s and 12 characters", stack, got, want)
			}
		})
	}
}

func TestShortName(t *testing.T) {
	for stack, want := range map[string]string{"hello-pr-7": "hello--Targe-", "s": "s-Targe-"} {
		run(t, fakeaws.Options{}, func(s tester) {
			_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
				StackName: &stack,
				TemplateBody: aws.String("Resources: {TargetGroup: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}}\n" +
					"Outputs: {Name: {Value: !GetAtt TargetGroup.TargetGroupName}}"),
			})
			s.must(err)
			if got := aws.ToString(s.describe(stack).Outputs[0].OutputValue); !strings.HasPrefix(got, want) || len(got) != len(want)+12 {
				s.Errorf("target group of %s = %s, want %s and 12 characters", stack, got, want)
			}
		})
	}
}
