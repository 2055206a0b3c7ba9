package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
)

// bootstrapped is what the CDK puts into each template.
const bootstrapped = `
Parameters:
  BootstrapVersion: {Type: "AWS::SSM::Parameter::Value<String>", Default: /cdk-bootstrap/hnb659fds/version}
Rules:
  CheckBootstrapVersion:
    Assertions:
      - Assert: {"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": BootstrapVersion}]}]}
        AssertDescription: CDK bootstrap stack version 6 required.
Conditions:
  CDKMetadataAvailable: {"Fn::Or": [{"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, us-east-1]}, {"Fn::Equals": [{"Ref": "AWS::Region"}, eu-north-1]}]}]}
Resources:
  CDKMetadata: {Type: AWS::CDK::Metadata, Condition: CDKMetadataAvailable, Properties: {Analytics: v2:x}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: {"Fn::Join": ["", ["/", {"Ref": "AWS::Partition"}, "/v", {"Ref": BootstrapVersion}]]}}}
`

func (s tester) createBootstrapped() error {
	s.Helper()
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("cdk"), TemplateBody: aws.String(bootstrapped)})
	return err
}

func TestStored_parameters_are_read_before_anything_begins(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(small, false)
		s.wantInvalid(s.createBootstrapped(), "Unable to fetch parameters [/cdk-bootstrap/hnb659fds/version] from parameter store for this account.")
		s.PutParameter("/cdk-bootstrap/hnb659fds/version", "5")
		if err := s.createBootstrapped(); err == nil || !strings.Contains(err.Error(), "CDK bootstrap stack version 6 required.") {
			t.Errorf("with version 5 = %v, want the rule's words", err)
		}
		s.PutParameter("/cdk-bootstrap/hnb659fds/version", "21")
		s.must(s.createBootstrapped())
		d := s.describe("cdk")
		if d.StackStatus != "CREATE_COMPLETE" || !strings.HasPrefix(s.groups(), "/aws/v21 ") {
			t.Errorf("the stack is in %s with %s", d.StackStatus, s.groups())
		}
		p := d.Parameters[0]
		if aws.ToString(p.ParameterValue) != "/cdk-bootstrap/hnb659fds/version" || aws.ToString(p.ResolvedValue) != "21" {
			t.Errorf("DescribeStacks shows %s, resolved as %s", *p.ParameterValue, aws.ToString(p.ResolvedValue))
		}
	})
}

func TestStored_parameters_need_the_right_to_read_them(t *testing.T) {
	const only = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["cloudformation:*", "logs:*"], "Resource": "*"},
		{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:eu-north-1:123456789012:parameter/other"}]}`
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(small, false)
		s.PutParameter("/cdk-bootstrap/hnb659fds/version", "21")
		role, err := s.AddRole("r", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`, only)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cloudformation.NewFromConfig(s.ConfigAs(role)).CreateStack(s.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("cdk"), TemplateBody: aws.String(bootstrapped),
		})
		s.wantInvalid(err, "AccessDenied. User doesn't have permission to call ssm:GetParameters")
	})
}

func TestRules(t *testing.T) {
	for _, test := range []struct {
		rule, refused string // "" if it holds
	}{
		{`{Assertions: [{Assert: {"Fn::Contains": [[a, b], a]}, AssertDescription: no}]}`, ""},
		{`{Assertions: [{Assert: {"Fn::Contains": [[a, b], c]}, AssertDescription: only a or b}]}`, "only a or b"},
		{`{Assertions: [{Assert: {"Fn::EachMemberIn": [[a, c], [a, b]]}, AssertDescription: one is neither}]}`, "one is neither"},
		{`{Assertions: [{Assert: {"Fn::EachMemberEquals": [[a, a], a]}, AssertDescription: no}]}`, ""},
		{`{Assertions: [{Assert: {"Fn::EachMemberEquals": [[a, b], a]}, AssertDescription: not all}]}`, "not all"},
		{`{RuleCondition: {"Fn::Equals": [a, b]}, Assertions: [{Assert: {"Fn::Equals": [a, b]}, AssertDescription: no}]}`, ""},
		{`{RuleCondition: {"Fn::Equals": [a, a]}, Assertions: [{Assert: {"Fn::Equals": [a, b]}, AssertDescription: differ}]}`, "differ"},
	} {
		run(t, fakeaws.Options{}, func(s tester) {
			body := small + "Rules: {R: " + test.rule + "}\n"
			_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: &body})
			if test.refused == "" && err != nil || test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
				t.Errorf("%s = %v, want %q", test.rule, err, test.refused)
			}
		})
	}
}

func TestImportValue(t *testing.T) {
	const exporter = small + "Outputs: {N: {Value: seven, Export: {Name: n}}}\n"
	const importer = `Resources: {Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: {"Fn::ImportValue": %s}}}}`
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(exporter, false)
		for name, want := range map[string]string{"n": "CREATE_COMPLETE", "none": "ROLLBACK_COMPLETE"} {
			body := strings.Replace(importer, "%s", name, 1)
			_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body})
			s.must(err)
			if got := s.describe(name).StackStatus; string(got) != want {
				t.Errorf("importing %s: %s, want %s", name, got, want)
			}
		}
		s.wantEvents("none", "ROLLBACK_IN_PROGRESS none No export named none found. Rollback requested by user.")
		if !strings.Contains(s.groups(), "seven") {
			t.Errorf("there are %s, want the one with the imported name", s.groups())
		}
	})
}
