package aws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	fakeaws "pr-stack/internal/fake/aws"
)

const anyoneAssumes = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`

// as returns a configuration of a role with one policy, whose clients do not retry.
func (s *shared) as(name, statements string) aws.Config {
	s.Helper()
	arn, err := s.AddRole(name, anyoneAssumes, `{"Version": "2012-10-17", "Statement": [`+statements+`]}`)
	if err != nil {
		s.Fatal(err)
	}
	config := s.ConfigAs(arn)
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return config
}

func (s *shared) wantDenied(what string, err error, action string) {
	s.Helper()
	switch {
	case action == "" && err != nil:
		s.Errorf("%s = %v, want it allowed", what, err)
	case action != "" && (err == nil || !strings.Contains(err.Error(), "is not authorized to perform: "+action)):
		s.Errorf("%s = %v, want %s denied", what, err, action)
	}
}

// A rule is created on its listener, with tags that the request must have, and changed by its tags.
func TestRuleCalls_need_permissions_by_tags(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		foreign := s.createRule(forward(s.out["Blue"], 1))
		config := s.as("promoter", `
			{"Effect": "Allow", "Action": "elasticloadbalancing:CreateRule", "Resource": "`+s.out["Listener"]+`", "Condition": {"StringEquals": {"aws:RequestTag/service": "mine"}}},
			{"Effect": "Allow", "Action": "elasticloadbalancing:AddTags", "Resource": "arn:aws:elasticloadbalancing:*:*:listener-rule/app/*",
				"Condition": {"StringEquals": {"elasticloadbalancing:CreateAction": "CreateRule"}}},
			{"Effect": "Allow", "Action": ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:DeleteRule"], "Resource": "*",
				"Condition": {"StringEquals": {"aws:ResourceTag/service": "mine"}}},
			{"Effect": "Allow", "Action": "elasticloadbalancing:DescribeTags", "Resource": "*"}`)
		api := elbv2.NewFromConfig(config)
		input := s.rule(2, forward(s.out["Green"], 1))
		_, err := api.CreateRule(s.Context(), input)
		s.wantDenied("CreateRule with another tag", err, "elasticloadbalancing:CreateRule on resource: "+s.out["Listener"])
		input.Tags[0].Value = aws.String("mine")
		made, err := api.CreateRule(s.Context(), input)
		s.wantDenied("CreateRule", err, "")
		own := *made.Rules[0].RuleArn
		for arn, denied := range map[string]string{own: "", foreign: "elasticloadbalancing:ModifyRule on resource: " + foreign} {
			_, err := api.ModifyRule(s.Context(), &elbv2.ModifyRuleInput{RuleArn: &arn, Actions: forward(s.out["Blue"], 1, s.out["Green"], 1)})
			s.wantDenied("ModifyRule", err, denied)
		}
		_, err = api.AddTags(s.Context(), &elbv2.AddTagsInput{ResourceArns: []string{foreign}, Tags: []elbtypes.Tag{{Key: aws.String("service"), Value: aws.String("mine")}}})
		s.wantDenied("AddTags to another rule", err, "elasticloadbalancing:AddTags")
		if _, err := s.elb.AddTags(s.Context(), &elbv2.AddTagsInput{ResourceArns: []string{foreign},
			Tags: []elbtypes.Tag{{Key: aws.String("service"), Value: aws.String("mine")}, {Key: aws.String("x"), Value: aws.String("y")}}}); err != nil {
			s.Fatal(err)
		}
		answer, err := api.DescribeTags(s.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{foreign}})
		if err != nil || len(answer.TagDescriptions[0].Tags) != 2 || *answer.TagDescriptions[0].Tags[0].Value != "mine" {
			s.Errorf("DescribeTags = %v, %v, want both tags", answer, err)
		}
		_, err = api.DeleteRule(s.Context(), &elbv2.DeleteRuleInput{RuleArn: &foreign})
		s.wantDenied("DeleteRule once it is tagged", err, "")
	})
}

// A policy limits a change by the names, types and actions of all changes of its batch.
func TestRecordCalls_need_permissions_by_name_type_and_action(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		api := route53.NewFromConfig(r.as("promoter", `
			{"Effect": "Allow", "Action": "route53:ChangeResourceRecordSets", "Resource": "arn:aws:route53:::hostedzone/Z1", "Condition": {
				"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "production.example.com",
					"route53:ChangeResourceRecordSetsRecordTypes": "A", "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"]}}},
			{"Effect": "Allow", "Action": "route53:GetChange", "Resource": "arn:aws:route53:::change/*"}`))
		change := func(changes ...types.Change) error {
			_, err := api.ChangeResourceRecordSets(r.Context(), &route53.ChangeResourceRecordSetsInput{
				HostedZoneId: aws.String("Z1"), ChangeBatch: &types.ChangeBatch{Changes: changes},
			})
			return err
		}
		one := weightedAlias("one", 1, r.other)
		name, kind := *one, *one
		name.Name, kind.Type = aws.String("mail.example.com"), types.RRTypeAaaa
		const denied = "route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z1"
		r.wantDenied("another name", change(create(one), create(&name)), denied)
		r.wantDenied("another type", change(create(&kind)), denied)
		r.wantDenied("another action", change(types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: one}), denied)
		r.wantDenied("the record", change(create(one)), "")
		_, err := api.ListResourceRecordSets(r.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String("Z1")})
		r.wantDenied("ListResourceRecordSets", err, "route53:ListResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z1")
	})
}
