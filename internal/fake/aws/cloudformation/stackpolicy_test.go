package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
)

const (
	denyAll  = `{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`
	allowAll = `{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`

	logs1 = `Resources: {A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a, RetentionInDays: 1}}, B: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: b}}}`
)

var (
	modified = strings.Replace(logs1, "RetentionInDays: 1", "RetentionInDays: 3", 1)
	replaced = strings.Replace(logs1, "LogGroupName: a", "LogGroupName: c", 1)
	removed  = strings.Split(logs1, ", B:")[0] + "}"
)

func (s tester) setPolicy(body string) error {
	_, err := s.cfn.SetStackPolicy(s.Context(), &cloudformation.SetStackPolicyInput{StackName: aws.String("s"), StackPolicyBody: &body})
	return err
}

func (s tester) policy() string {
	s.Helper()
	answer, err := s.cfn.GetStackPolicy(s.Context(), &cloudformation.GetStackPolicyInput{StackName: aws.String("s")})
	if err != nil {
		s.Fatal(err)
	}
	return aws.ToString(answer.StackPolicyBody)
}

func TestStackPolicy_refuses_updates(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(logs1, false)
		if got := s.policy(); got != "" {
			s.Errorf("the policy is %q, want none", got)
		}
		s.must(s.setPolicy(denyAll))
		if got := s.policy(); got != denyAll {
			s.Errorf("the policy is %q", got)
		}
		s.update(modified, false)
		s.wantEvents("s",
			"UPDATE_IN_PROGRESS s User Initiated",
			"UPDATE_FAILED A Action denied by stack policy: Statement [#1] does not allow [Update:*] for resource [*];",
			"UPDATE_ROLLBACK_IN_PROGRESS s The following resource(s) failed to update: [A].",
			"UPDATE_COMPLETE A",
			"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s",
			"UPDATE_ROLLBACK_COMPLETE s")
		s.must(s.setPolicy(allowAll))
		s.update(modified, false)
		s.wantStatus("UPDATE_COMPLETE")
		s.must(s.setPolicy(denyAll))
		s.delete(cloudformation.DeleteStackInput{})
		if got := s.groups(); got != "" {
			s.Errorf("the log groups %s are left: a stack policy does not keep a stack from deletion", got)
		}
	})
}

func TestStackPolicy_by_action_and_resource(t *testing.T) {
	const allow = `{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}`
	only := func(statement string) string { return `{"Statement": [` + statement + `]}` }
	deny := func(rest string) string { return `{"Effect": "Deny", "Principal": "*", ` + rest + `}` }
	for name, test := range map[string]struct {
		policy, body string
		want         string // reason of an event; "" is success
	}{
		"empty":             {"{}", modified, ""},
		"allowed":           {only(allow), replaced, ""},
		"another resource":  {only(allow + "," + deny(`"Action": "Update:*", "Resource": "LogicalResourceId/B"`)), modified, ""},
		"another action":    {only(allow + "," + deny(`"Action": "Update:Replace", "Resource": "*"`)), modified, ""},
		"denied, allowed":   {only(deny(`"Action": "Update:Modify", "Resource": "*"`) + "," + allow), modified, "Action denied by stack policy: Statement [#1] does not allow [Update:Modify] for resource [*];"},
		"a replacement":     {only(allow + "," + deny(`"Action": ["Update:Replace", "Update:Delete"], "Resource": "LogicalResourceId/A"`)), replaced, "Statement [#1] does not allow [Update:Replace, Update:Delete] for resource [LogicalResourceId/A];"},
		"a removal":         {only(allow + "," + deny(`"Action": "Update:Delete", "Resource": "LogicalResourceId/B"`)), removed, "Statement [#1] does not allow [Update:Delete]"},
		"a type":            {only(allow + "," + deny(`"Action": "Update:*", "Resource": "*", "Condition": {"StringEquals": {"ResourceType": ["AWS::Logs::LogGroup"]}}`)), modified, "Statement [#1]"},
		"another type":      {only(allow + "," + deny(`"Action": "Update:*", "Resource": "*", "Condition": {"StringEquals": {"ResourceType": "AWS::EC2::VPC"}}`)), modified, ""},
		"not that resource": {only(allow + "," + deny(`"Action": "Update:*", "NotResource": "LogicalResourceId/A"`)), modified, ""},
		"nothing allows it": {only(strings.Replace(allow, "Update:*", "Update:Replace", 1)), modified, "Action not allowed by stack policy"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, fakeaws.Options{}, func(s tester) {
				s.create(logs1, false)
				s.must(s.setPolicy(test.policy))
				s.update(test.body, false)
				history := s.history("s")
				want := "UPDATE_COMPLETE"
				if test.want != "" {
					want = "UPDATE_ROLLBACK_COMPLETE"
				}
				s.wantStatus(want)
				if !strings.Contains(history, test.want) {
					s.Errorf("%q is not in\n%s", test.want, history)
				}
				if got := s.groups(); test.want != "" && got != "a b" {
					s.Errorf("the log groups are %s, want a b", got)
				}
			})
		})
	}
}

func TestStackPolicy_that_is_not_valid(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(logs1, false)
		for _, body := range []string{
			"x", strings.Replace(denyAll, "Update:", "Delete:", 1), strings.Replace(denyAll, `"Principal": "*"`, `"Principal": "me"`, 1),
			strings.Replace(denyAll, "Deny", "Refuse", 1),
		} {
			s.wantInvalid(s.setPolicy(body), "Error validating stack policy: Invalid stack policy")
		}
	})
}

// An update may override the policy while it lasts; the policy stays.
func TestStackPolicy_is_overridden_by_those_who_may_set_it(t *testing.T) {
	const (
		trust = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`
		all   = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
		fence = `{"Effect": "Deny", "Action": ["cloudformation:SetStackPolicy", "cloudformation:UpdateTerminationProtection"], "Resource": "*"}`
	)
	run(t, fakeaws.Options{}, func(s tester) {
		_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(logs1), StackPolicyBody: aws.String(denyAll),
		})
		s.must(err)
		arn, err := s.AddRole("r", trust, `{"Version": "2012-10-17", "Statement": [`+all+`, `+fence+`]}`)
		s.must(err)
		input := &cloudformation.UpdateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(modified), StackPolicyDuringUpdateBody: aws.String(allowAll),
		}
		fenced := cloudformation.NewFromConfig(s.ConfigAs(arn))
		_, update := fenced.UpdateStack(s.Context(), input)
		_, protect := fenced.UpdateTerminationProtection(s.Context(), &cloudformation.UpdateTerminationProtectionInput{
			StackName: aws.String("s"), EnableTerminationProtection: aws.Bool(false),
		})
		_, set := fenced.SetStackPolicy(s.Context(), &cloudformation.SetStackPolicyInput{StackName: aws.String("s"), StackPolicyBody: aws.String("{}")})
		for action, err := range map[string]error{"SetStackPolicy": update, "UpdateTerminationProtection": protect} {
			if err == nil || !strings.Contains(err.Error(), "is not authorized to perform: cloudformation:"+action+" on resource: arn:aws:cloudformation:") {
				s.Errorf("%s = %v, want it refused", action, err)
			}
		}
		if set == nil {
			s.Error("SetStackPolicy = nil, want it refused")
		}
		_, err = s.cfn.UpdateStack(s.Context(), input)
		s.must(err)
		s.wantStatus("UPDATE_COMPLETE")
		if got := s.policy(); got != denyAll {
			s.Errorf("the policy is %q, want it as it was", got)
		}
		s.update(logs1, false)
		s.wantStatus("UPDATE_ROLLBACK_COMPLETE")
	})
}
