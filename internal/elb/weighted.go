package elb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"pr-stack/internal/hint"
)

var (
	// ErrNoRule means that a listener has no rule for a host.
	ErrNoRule = errors.New("there is no rule for it")
	// ErrForeignRule means that a host's rule does more than share its requests by weight.
	ErrForeignRule = errors.New("it is not a rule that only shares requests by weight")
	// ErrPriorityTaken means that another rule of the listener has the priority.
	ErrPriorityTaken = errors.New("another rule has the priority")
)

// maxGroups is how many target groups a weighted rule has at most: the one that has the requests, and the
// one that they are shifted to.
const maxGroups = 2

// WeightedRule is a rule that shares the requests for one host between target groups.
type WeightedRule struct {
	ARN      string
	Priority int
	Weights  map[string]int // by the target group's ARN; their sum is any number
}

// LoadBalancer returns the ARN of the listener's load balancer:
// …:listener/app/NAME/ID/LISTENER belongs to …:loadbalancer/app/NAME/ID.
func (l Listener) LoadBalancer() string {
	balancer, _, _ := cutLast(l.ARN, "/")
	return strings.Replace(balancer, ":listener/", ":loadbalancer/", 1)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Weighted returns the rule for exactly this host. The error wraps ErrNoRule if there is none, and
// ErrForeignRule if the rule does anything that SetWeights would undo or leave in force.
func (l Listener) Weighted(ctx context.Context, host string) (WeightedRule, error) {
	rules, err := allRules(ctx, l.API, &elbv2.DescribeRulesInput{ListenerArn: &l.ARN})
	if err != nil {
		return WeightedRule{}, err
	}
	rules = slices.DeleteFunc(rules, func(r types.Rule) bool { return !isFor(readRule(r).Hosts, host) })
	switch len(rules) {
	case 0:
		return WeightedRule{}, fmt.Errorf("find the rule for %s: %w", host, ErrNoRule)
	case 1:
		return readWeighted(rules[0], host)
	}
	var priorities []string
	for _, r := range rules {
		priorities = append(priorities, aws.ToString(r.Priority))
	}
	return WeightedRule{}, foreign("the listener has %d rules for %s, with the priorities %s", len(rules), host, strings.Join(priorities, " and "))
}

func isFor(hosts []string, host string) bool {
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

func foreign(format string, args ...any) error {
	e := hint.New("delete the rule, or change it so that it only forwards the host's requests to one target group", format, args...)
	e.Cause = ErrForeignRule
	return e
}

func readWeighted(r types.Rule, host string) (WeightedRule, error) {
	rule := WeightedRule{ARN: aws.ToString(r.RuleArn), Weights: map[string]int{}}
	rule.Priority, _ = strconv.Atoi(aws.ToString(r.Priority))
	if more := besides(r); more != "" {
		return rule, foreign("the rule for %s, with priority %d, %s", host, rule.Priority, more)
	}
	forward := r.Actions[0]
	if forward.ForwardConfig == nil || len(forward.ForwardConfig.TargetGroups) == 0 {
		rule.Weights[aws.ToString(forward.TargetGroupArn)] = 1
		return rule, nil
	}
	for _, g := range forward.ForwardConfig.TargetGroups {
		weight := int32(1)
		if g.Weight != nil {
			weight = *g.Weight
		}
		rule.Weights[aws.ToString(g.TargetGroupArn)] = int(weight)
	}
	return rule, nil
}

// besides returns what a rule does besides sharing one host's requests by weight, or "".
func besides(r types.Rule) string {
	for _, c := range r.Conditions {
		if field := aws.ToString(c.Field); field != "host-header" {
			return "also has the condition " + field
		}
		if c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) > 0 {
			return "also has the hosts " + strings.Join(c.HostHeaderConfig.RegexValues, ", ")
		}
	}
	if hosts := readRule(r).Hosts; len(r.Conditions) != 1 || len(hosts) != 1 {
		return "has the hosts " + strings.Join(hosts, ", ")
	}
	if len(r.Transforms) > 0 {
		return "also changes requests"
	}
	var kinds []string
	for _, a := range r.Actions {
		kinds = append(kinds, string(a.Type))
	}
	if len(r.Actions) != 1 || r.Actions[0].Type != types.ActionTypeEnumForward {
		return "has the actions " + strings.Join(kinds, ", ")
	}
	config := r.Actions[0].ForwardConfig
	if config == nil {
		return ""
	}
	if s := config.TargetGroupStickinessConfig; s != nil && aws.ToBool(s.Enabled) {
		return "has stickiness, with which a client stays where it was, whatever the weights are"
	}
	if n := len(config.TargetGroups); n > maxGroups {
		return fmt.Sprintf("forwards to %d target groups", n)
	}
	return ""
}

// Create creates the rule of a host. The error wraps ErrPriorityTaken if another rule has the priority.
func (l Listener) Create(ctx context.Context, host string, priority int, weights map[string]int, tags map[string]string) error {
	input := &elbv2.CreateRuleInput{
		ListenerArn: &l.ARN, Priority: aws.Int32(int32(priority)), Actions: forward(weights),
		Conditions: []types.RuleCondition{{
			Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{host}},
		}},
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		input.Tags = append(input.Tags, types.Tag{Key: &key, Value: aws.String(tags[key])})
	}
	_, err := l.API.CreateRule(ctx, input)
	if taken := (*types.PriorityInUseException)(nil); errors.As(err, &taken) {
		return fmt.Errorf("create the rule for %s: priority %d: %w", host, priority, errors.Join(ErrPriorityTaken, err))
	}
	if err != nil {
		return fmt.Errorf("create the rule for %s: %w", host, err)
	}
	return nil
}

// SetWeights changes the weights of a rule, in one call. It has no way to say what they must have been.
func (l Listener) SetWeights(ctx context.Context, rule WeightedRule, weights map[string]int) error {
	if _, err := l.API.ModifyRule(ctx, &elbv2.ModifyRuleInput{RuleArn: &rule.ARN, Actions: forward(weights)}); err != nil {
		return fmt.Errorf("change the weights of the rule with priority %d: %w", rule.Priority, err)
	}
	return nil
}

// Delete deletes a rule.
func (l Listener) Delete(ctx context.Context, rule WeightedRule) error {
	_, err := l.API.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: &rule.ARN})
	if gone := (*types.RuleNotFoundException)(nil); err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("delete the rule with priority %d: %w", rule.Priority, err)
	}
	return nil
}

// forward returns the one action of a weighted rule, without stickiness: requests would stay where they
// are when the weights change.
func forward(weights map[string]int) []types.Action {
	config := &types.ForwardActionConfig{TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)}}
	for _, arn := range slices.Sorted(maps.Keys(weights)) {
		config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: &arn, Weight: aws.Int32(int32(weights[arn]))})
	}
	return []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: config}}
}

// Address is what an alias record needs to know of a load balancer.
type Address struct{ Host, Zone string } // its DNS name, and the ID of the hosted zone of that name

// AddressOf returns the address of a load balancer.
func AddressOf(ctx context.Context, api *elbv2.Client, arn string) (Address, error) {
	answer, err := api.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil {
		return Address{}, fmt.Errorf("describe load balancer %s: %w", arn, err)
	}
	if len(answer.LoadBalancers) == 0 {
		return Address{}, fmt.Errorf("describe load balancer %s: %w", arn, ErrGone)
	}
	b := answer.LoadBalancers[0]
	return Address{Host: aws.ToString(b.DNSName), Zone: aws.ToString(b.CanonicalHostedZoneId)}, nil
}

// Healthy returns how many targets of the group are healthy. The error is ErrUnchecked if there is no
// health to read.
func (g TargetGroup) Healthy(ctx context.Context) (n int, err error) {
	answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
	if err != nil {
		return 0, fmt.Errorf("describe the health of target group %s: %w", g.name(), err)
	}
	if unchecked(answer.TargetHealthDescriptions) {
		return 0, fmt.Errorf("target group %s: %w", g.name(), ErrUnchecked)
	}
	for _, t := range answer.TargetHealthDescriptions {
		if t.TargetHealth.State == types.TargetHealthStateEnumHealthy {
			n++
		}
	}
	return n, nil
}
