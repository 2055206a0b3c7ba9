package aws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	fakeaws "pr-stack/internal/fake/aws"
)

const production = "production.example.com"

// weights returns what DescribeRules says of a rule, as the weights in the order of its target groups.
func (s *shared) weights(arn string) string {
	s.Helper()
	answer, err := s.elb.DescribeRules(s.Context(), &elbv2.DescribeRulesInput{RuleArns: []string{arn}})
	if err != nil {
		return code(err)
	}
	var list []string
	for _, g := range answer.Rules[0].Actions[0].ForwardConfig.TargetGroups {
		list = append(list, fmt.Sprint(*g.Weight))
	}
	return strings.Join(list, "/")
}

func TestWeights_share_the_requests(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		blue, green, empty := s.out["Blue"], s.out["Green"], s.out["Empty"]
		arn := s.createRule(forward(blue, 95, green, 5))
		s.want("before the rule is in effect", s.requests(1), "404", 1)
		<-time.After(3 * time.Second)
		s.want("95/5", s.requests(100), "Blue", 95, "Green", 5)

		s.modify(arn, forward(blue, 3, green, 1))
		if got := s.weights(arn); got != "3/1" {
			s.Errorf("DescribeRules has the weights %s, want 3/1", got)
		}
		s.want("accepted, not in effect", s.requests(20), "Blue", 19, "Green", 1)
		<-time.After(3 * time.Second)
		s.want("3/1", s.requests(8), "Blue", 6, "Green", 2)

		for name, test := range map[string]struct {
			actions []types.Action
			want    []any
		}{
			"one alone":        {forward(green, 7), []any{"Green", 4}},
			"an empty group":   {forward(blue, 1, empty, 1), []any{"Blue", 2, "503", 2}},
			"no weight":        {forward(blue, 0, green, 0), []any{"503", 4}},
			"a weight of zero": {forward(blue, 100, empty, 0), []any{"Blue", 4}},
			"only its ARN":     {[]types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &blue}}, []any{"Blue", 4}},
		} {
			s.modify(arn, test.actions)
			<-time.After(3 * time.Second)
			s.want(name, s.requests(4), test.want...)
		}

		if _, err := s.elb.DeleteRule(s.Context(), &elbv2.DeleteRuleInput{RuleArn: &arn}); err != nil {
			s.Fatal(err)
		}
		s.want("deleted", s.requests(1), "404", 1)
	})
}

// Of an action with one target group, AWS answers its ARN twice; of one with several, only ForwardConfig.
func TestRules_made_by_calls_are_described(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		blue, empty := s.out["Blue"], s.out["Empty"]
		for name, actions := range map[string][]types.Action{"": forward(blue, 1, empty, 2), blue: forward(blue, 9)} {
			made, err := s.elb.CreateRule(s.Context(), s.rule(1, actions))
			if err != nil {
				s.Fatal(err)
			}
			r := made.Rules[0]
			if got := aws.ToString(r.Actions[0].TargetGroupArn); got != name || *r.Actions[0].Order != 1 || *r.Priority != "1" ||
				*r.Actions[0].ForwardConfig.TargetGroupStickinessConfig.Enabled || r.Conditions[0].Values[0] != production {
				s.Errorf("the rule is %+v, its target group %q, want %q", r, got, name)
			}
			s.wantUsed(empty, name == "")
			if _, err := s.elb.DeleteRule(s.Context(), &elbv2.DeleteRuleInput{RuleArn: r.RuleArn}); err != nil {
				s.Fatal(err)
			}
		}
	})
}

// wantUsed wants DescribeTargetGroups to name the load balancer of a target group.
func (s *shared) wantUsed(group string, used bool) {
	s.Helper()
	answer, err := s.elb.DescribeTargetGroups(s.Context(), &elbv2.DescribeTargetGroupsInput{TargetGroupArns: []string{group}})
	if err != nil {
		s.Fatal(err)
	}
	if got := answer.TargetGroups[0].LoadBalancerArns; (len(got) == 1 && strings.HasSuffix(got[0], s.out["Balancer"])) != used {
		s.Errorf("the load balancers of %s are %v, used: %t", group, got, used)
	}
}

func TestRuleCalls_are_refused(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		blue, green, empty := s.out["Blue"], s.out["Green"], s.out["Empty"]
		arn := s.createRule(forward(blue, 1, green, 0))
		other := s.deploy("other", strings.ReplaceAll(otherBalancer, "GROUP", "Own"), nil)
		rule := func(edit func(*elbv2.CreateRuleInput)) error {
			input := s.rule(2, forward(blue, 1))
			edit(input)
			_, err := s.elb.CreateRule(s.Context(), input)
			return err
		}
		modify := func(arn string, actions []types.Action) error {
			_, err := s.elb.ModifyRule(s.Context(), &elbv2.ModifyRuleInput{RuleArn: &arn, Actions: actions})
			return err
		}
		remove := func(arn string) error {
			_, err := s.elb.DeleteRule(s.Context(), &elbv2.DeleteRuleInput{RuleArn: &arn})
			return err
		}
		gone := strings.Replace(blue, "targetgroup/", "targetgroup/x", 1)
		standard := strings.Replace(s.out["Listener"], ":listener/", ":listener-rule/", 1) + "/default"
		for want, err := range map[string]error{
			"PriorityInUse: Priority '1' is currently in use":          rule(func(q *elbv2.CreateRuleInput) { q.Priority = aws.Int32(1) }),
			"ListenerNotFound: One or more listeners not found":        rule(func(q *elbv2.CreateRuleInput) { q.ListenerArn = &blue }),
			"ValidationError: A condition value must be specified":     rule(func(q *elbv2.CreateRuleInput) { q.Conditions = []types.RuleCondition{} }),
			"TargetGroupNotFound: One or more target groups not found": rule(func(q *elbv2.CreateRuleInput) { q.Actions = forward(gone, 1) }),
			"TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: " +
				other["Own"]: modify(arn, forward(blue, 1, other["Own"], 0)),
			"TooManyTargetGroups: You have reached the maximum number of target groups that you can specify in a forward action: [5]": modify(arn,
				forward(blue, 1, green, 1, empty, 1, blue, 1, green, 1, empty, 1)),
			"ValidationError: The weight for each target group must be between 0 and 999, inclusive": modify(arn, forward(blue, 1000, green, 1)),
			"OperationNotPermitted: Default rule '" + standard + "' cannot be modified":              modify(standard, forward(blue, 1)),
			"OperationNotPermitted: Default rule '" + standard + "' cannot be deleted":               remove(standard),
			"RuleNotFound: One or more rules not found":                                              remove(arn + "x"),
		} {
			if got := code(err); got != want {
				s.Errorf("%s, want %s", got, want)
			}
		}
		if got := s.weights(arn); got != "1/0" {
			s.Errorf("after the refusals the weights are %s, want 1/0", got)
		}
	})
}

const otherBalancer = `
Resources:
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  GROUP: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, DefaultActions: [{Type: forward, TargetGroupArn: !Ref GROUP}]}
Outputs: {GROUP: {Value: !Ref GROUP}}
`

func TestRules_are_read_stale(t *testing.T) {
	age := time.Duration(0)
	onShared(t, fakeaws.Options{RuleStaleness: func() time.Duration { return age }}, func(s *shared) {
		blue, green := s.out["Blue"], s.out["Green"]
		arn := s.createRule(forward(blue, 1))
		age = 10 * time.Second
		if got := s.weights(arn); !strings.HasPrefix(got, "RuleNotFound") {
			s.Errorf("a rule just created is %s, want RuleNotFound", got)
		}
		<-time.After(age)
		s.modify(arn, forward(blue, 95, green, 5))
		if got := s.weights(arn); got != "1" {
			s.Errorf("at once: %s, want the old weight", got)
		}
		<-time.After(age)
		if got := s.weights(arn); got != "95/5" {
			s.Errorf("later: %s, want 95/5", got)
		}
	})
}

// A template's rule with weights. An update of its actions resets what a call has changed (aws-cdk#36649);
// one of its tags, or of something else, does not.
func TestWeights_of_a_template(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		values := map[string]string{"Listener": s.out["Listener"], "Blue": s.out["Blue"], "Green": s.out["Green"]}
		arn := s.deploy("weighted", weighted, values)["Rule"]
		s.want("of the template", s.requests(10), "Blue", 9, "Green", 1)
		for _, step := range []struct{ name, body, tag, want string }{
			{"only tags", weighted, "2", "50/50"},
			{"another resource", strings.Replace(weighted, "Resources:", "Resources:\n  Logs: {Type: AWS::Logs::LogGroup}", 1), "2", "50/50"},
			{"the actions", strings.Replace(weighted, "Weight: 90", "Weight: 80", 1), "2", "80/10"},
		} {
			s.modify(arn, forward(s.out["Blue"], 50, s.out["Green"], 50))
			if _, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
				StackName: aws.String("weighted"), TemplateBody: &step.body, Parameters: parameters(values),
				Tags: []cfntypes.Tag{{Key: aws.String("commit"), Value: &step.tag}},
			}); err != nil {
				s.Fatalf("%s: %v", step.name, err)
			}
			<-time.After(time.Minute)
			if got := s.weights(arn); got != step.want {
				s.Errorf("after an update of %s: %s, want %s", step.name, got, step.want)
			}
		}
	})
}

const weighted = `
Parameters: {Listener: {Type: String}, Blue: {Type: String}, Green: {Type: String}}
Resources:
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions: [{Field: host-header, Values: [production.example.com]}]
      Actions:
        - Type: forward
          ForwardConfig:
            TargetGroups: [{TargetGroupArn: !Ref Blue, Weight: 90}, {TargetGroupArn: !Ref Green, Weight: 10}]
Outputs: {Rule: {Value: !Ref Rule}}
`

// A target group that a rule forwards to is not deleted, also if the rule is of a call and not of the stack.
func TestTargetGroups_in_use_are_not_deleted(t *testing.T) {
	onShared(t, fakeaws.Options{}, func(s *shared) {
		own := s.deploy("group", `
Resources: {Own: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80}}}
Outputs: {Own: {Value: !Ref Own}}`, nil)["Own"]
		arn := s.createRule(forward(s.out["Blue"], 100, own, 0))
		remove := func(want cfntypes.StackStatus) {
			s.Helper()
			if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("group")}); err != nil {
				s.Fatal(err)
			}
			<-time.After(time.Minute)
			at := &site{T: s.T, AWS: s.AWS, cfn: s.cfn}
			if want != "" && at.stack("group").StackStatus != want {
				s.Errorf("the stack is %s, want %s", at.stack("group").StackStatus, want)
			}
		}
		remove(cfntypes.StackStatusDeleteFailed)
		var timeline strings.Builder
		s.Timeline(&timeline, "group")
		if want := "Target group '" + own + "' is currently in use by a listener or a rule"; !strings.Contains(timeline.String(), want) {
			s.Errorf("the events lack %q:\n%s", want, timeline.String())
		}
		s.modify(arn, forward(s.out["Blue"], 100))
		remove("")
		if _, err := s.elb.DescribeTargetHealth(s.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: &own}); err == nil {
			s.Error("the target group still exists")
		}
	})
}
