package cloudformation_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// wantRefused wants neither a new stack nor an update of the stack s to be accepted with these values.
func (s tester) wantRefused(body string, values map[string]string, message string) {
	s.Helper()
	var list []types.Parameter
	for key, value := range values {
		list = append(list, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	capabilities := []types.Capability{types.CapabilityCapabilityIam}
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("x"), TemplateBody: &body, Parameters: list, Capabilities: capabilities,
	})
	s.wantInvalid(err, message)
	_, err = s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("s"), TemplateBody: &body, Parameters: list, Capabilities: capabilities,
	})
	s.wantInvalid(err, message)
}

func TestParameters_must_satisfy_their_constraints(t *testing.T) {
	for _, test := range []struct{ constraints, value, want string }{
		{`AllowedValues: [a, b]`, "c", "Parameter 'P' must be one of AllowedValues"},
		{`AllowedPattern: "a+"`, "aab", "Parameter 'P' must match pattern a+"},
		{`AllowedPattern: "a+|b"`, "ab", "Parameter 'P' must match pattern a+|b"},
		{`AllowedPattern: "a+", ConstraintDescription: only a`, "b", "Parameter P failed to satisfy constraint: only a"},
		{`MinLength: 2`, "a", "Parameter 'P' must contain at least 2 characters"},
		{`MaxLength: 2`, "äöü", "Parameter 'P' must contain at most 2 characters"},
		{`Type: Number, MinValue: 2`, "1", "Parameter 'P' must be a number not less than 2"},
		{`Type: Number, MaxValue: 10`, "11", "Parameter 'P' must be a number not greater than 10"},
		{`Type: Number`, "two", "Parameter 'P' must be a number"},
		{`Type: CommaDelimitedList, AllowedPattern: "[ab]"`, "a, b,c", "Parameter 'P' must match pattern [ab]"},
		{`Type: List<Number>`, "1,x", "Parameter 'P' must be a number"},
		{`AllowedPattern: "("`, "a", "Template format error: Parameter 'P' AllowedPattern must be a valid regular expression."},
	} {
		t.Run(test.constraints, func(t *testing.T) {
			run(t, fakeaws.Options{}, func(s tester) {
				s.create(small, false)
				kind := "Type: String, "
				if strings.HasPrefix(test.constraints, "Type") {
					kind = ""
				}
				body := fmt.Sprintf("Parameters: {P: {%s%s}}\nResources: {V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}", kind, test.constraints)
				s.wantRefused(body, map[string]string{"P": test.value}, test.want)
				s.wantStatus("CREATE_COMPLETE")
			})
		})
	}
}

// The templates of this project refuse values that would only fail after minutes, or not at all.
func TestParameters_of_our_templates(t *testing.T) {
	fargate := map[string]string{
		"VpcId": "v", "PublicSubnetIds": "s", "ClusterName": "c", "TaskExecutionRoleArn": "r", "TaskRoleArn": "r",
		"Service": "hello", "Environment": "pr-7", "ImageUri": "i",
	}
	base := map[string]string{"Service": "hello"}
	const zone = "the name of an availability zone, such as us-west-1"
	for _, test := range []struct{ name, value, want string }{
		{"ZoneA", "eu north 1a", "Parameter ZoneA failed to satisfy constraint: " + zone + "a"},
		{"ZoneB", "1a", "Parameter ZoneB failed to satisfy constraint: " + zone + "c"},
		{"VpcCidr", "10.0.0.0/24", "Parameter VpcCidr failed to satisfy constraint: an IPv4 block from /16 to /19, such as 10.0.0.0/16"},
		{"Service", "", "Parameter 'Service' must contain at least 1 characters"},
		{"HealthCheckPath", "health", "Parameter HealthCheckPath failed to satisfy constraint: a path that begins with a slash"},
		{"Memory", "0.5GB", "Parameter Memory failed to satisfy constraint: a number of MiB, such as 1024"},
		{"ContainerPort", "70000", "Parameter 'ContainerPort' must be a number not greater than 65535"},
		{"ContainerPort", "0", "Parameter 'ContainerPort' must be a number not less than 1"},
		{"DesiredCount", "-1", "Parameter 'DesiredCount' must be a number not less than 0"},
		{"HealthCheckGracePeriodSeconds", "-1", "Parameter 'HealthCheckGracePeriodSeconds' must be a number not less than 0"},
		{"Cpu", "300", "Parameter 'Cpu' must be one of AllowedValues"},
		{"LogRetentionInDays", "8", "Parameter 'LogRetentionInDays' must be one of AllowedValues"},
	} {
		run(t, fakeaws.Options{}, func(s tester) {
			s.create(small, false)
			body, values := template.Fargate, maps.Clone(fargate)
			if slices.Contains([]string{"ZoneA", "ZoneB", "VpcCidr", "Service"}, test.name) {
				body, values = template.Base, maps.Clone(base)
			}
			values[test.name] = test.value
			s.wantRefused(body, values, test.want)
		})
	}
}

func TestParameters_that_keep_their_values(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		const body = "Parameters: {A: {Type: String, Default: x}, B: {Type: String, Default: x}}\n" +
			"Resources: {L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref A}}}\nOutputs: {B: {Value: !Ref B}}\n"
		s.create(body, false)
		<-time.After(time.Minute)
		update := func(name, more string) error {
			_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
				StackName: aws.String("s"), TemplateBody: aws.String(strings.Replace(body, "Parameters: {", "Parameters: {"+more, 1)),
				Parameters: []types.Parameter{{ParameterKey: &name, UsePreviousValue: aws.Bool(true)}, {ParameterKey: aws.String("B"), ParameterValue: aws.String("y")}},
			})
			return err
		}
		s.wantInvalid(update("C", "C: {Type: String}, "), "Invalid input for parameter key C. "+
			"Cannot specify usePreviousValue as true for a parameter key not in the previous template")
		if err := update("A", ""); err != nil {
			s.Errorf("UpdateStack = %v", err)
		}
	})
}
