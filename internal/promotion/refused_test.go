package promotion

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"pr-stack/internal/elb"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
	"pr-stack/internal/release"
)

// What is not fit for requests gets none.
func TestShift_refuses_before_the_first_weight(t *testing.T) {
	for name, test := range map[string]struct {
		before func(a *account, s *Shift)
		want   string
		is     error
	}{
		"the candidate has no task": {
			func(a *account, s *Shift) { s.To = a.empty() },
			"no requests were shifted to stack hello-pr-8: the target group of stack hello-pr-8 has no healthy target", nil,
		},
		"others have changed the weights": {
			func(a *account, s *Shift) { s.From = a.new; s.To = a.old },
			"expected hello-pr-9 100 %, and AWS says hello-pr-7 100 %", ErrChanged,
		},
		"another stack has a part": {
			func(a *account, s *Shift) {
				a.write(release.Between(a.old.Stack, a.new.Stack, 30))
			},
			"expected hello-pr-7 100 %, and AWS says hello-pr-7 70 %, hello-pr-9 30 %", ErrChanged,
		},
		"the ledger cannot be written": {
			func(_ *account, s *Shift) {
				s.OnWeights = func(context.Context, release.Weights) error { return errors.New("no ledger") }
			},
			"record the weights hello-pr-7 95 %, hello-pr-9 5 %: no ledger", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				a.serve()
				s := a.shift()
				s.Limits.MinRequests = 0
				test.before(a, &s)
				before := a.weights()
				a.calls.made = nil
				err := a.Shift(a.Context(), s)
				if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
					a.Errorf("Shift = %v, want %s", err, test.want)
				}
				if _, returned := errors.AsType[*ReturnedError](err); returned || a.calls.writes() > 0 || a.weights() != before {
					a.Errorf("Shift = %T after %d changes, and the weights are %s, want none: %s", err, a.calls.writes(), a.weights(), before)
				}
			}, release.Listener)
		})
	}
}

// write changes the weights from the old stack's alone.
func (a *account) write(to release.Weights) {
	a.Helper()
	if err := a.traffic().Write(context.WithoutCancel(a.Context()), release.Only(a.old.Stack), to); err != nil {
		a.Error(err)
	}
}

// A rule that does more than share requests by weight is not ours.
func TestListener_refuses_a_rule_that_is_not_its_own(t *testing.T) {
	groups := func(backends ...Backend) (list []types.TargetGroupTuple) {
		for _, b := range backends {
			list = append(list, types.TargetGroupTuple{TargetGroupArn: &b.TargetGroup, Weight: aws.Int32(1)})
		}
		return list
	}
	for name, test := range map[string]struct {
		edit func(a *account, rule *elbv2.CreateRuleInput)
		want string
	}{
		"three target groups": {
			func(a *account, rule *elbv2.CreateRuleInput) {
				rule.Actions[0].ForwardConfig.TargetGroups = groups(a.old, a.new, a.empty())
			}, "forwards to 3 target groups",
		},
		"stickiness": {
			func(_ *account, rule *elbv2.CreateRuleInput) {
				rule.Actions[0].ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)}
			}, "has stickiness",
		},
		"another host": {
			func(_ *account, rule *elbv2.CreateRuleInput) {
				rule.Conditions[0].HostHeaderConfig.Values = []string{"example.org", host}
			}, "has the hosts example.org, " + host,
		},
		"addresses": {
			func(_ *account, rule *elbv2.CreateRuleInput) {
				rule.Conditions = append(rule.Conditions, types.RuleCondition{
					Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.0/8"}},
				})
			}, "also has the condition source-ip",
		},
		"a page": {
			func(_ *account, rule *elbv2.CreateRuleInput) {
				rule.Actions = []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("503")}}}
			}, "has the actions fixed-response",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				rule := &elbv2.CreateRuleInput{
					ListenerArn: &a.listener, Priority: aws.Int32(7),
					Conditions: []types.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{host}}}},
					Actions:    []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: groups(a.old, a.new)}}},
				}
				test.edit(a, rule)
				if _, err := a.ELB.CreateRule(a.Context(), rule); err != nil {
					a.Fatal(err)
				}
				err := a.traffic().Write(a.Context(), release.Weights{}, release.Only(a.new.Stack))
				if want := "the rule for " + host + ", with priority 7, " + test.want; !errors.Is(err, elb.ErrForeignRule) || !strings.HasPrefix(err.Error(), want) || len(hint.Of(err)) != 1 {
					a.Errorf("Write = %v with the hints %q, want %s and one hint", err, hint.Of(err), want)
				}
			}, release.Listener)
		})
	}
}

// empty creates a stack without a task.
func (a *account) empty() Backend {
	a.Helper()
	return a.environment("hello-pr-8", sharedFront, 0)
}
