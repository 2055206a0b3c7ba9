package elb

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Rule is one rule of a listener.
type Rule struct {
	ARN          string
	Priority     int
	Hosts        []string // whose requests it takes; empty: of any host
	TargetGroups []string // ARNs
}

// Takes reports whether the rule takes requests for the host, or some of them.
func (r Rule) Takes(host string) bool {
	return len(r.Hosts) == 0 || slices.ContainsFunc(r.Hosts, func(pattern string) bool {
		matches, _ := path.Match(strings.ToLower(pattern), strings.ToLower(host))
		return matches
	})
}

// Tags returns the tags of a load balancer, a listener, a rule or a target group.
func Tags(ctx context.Context, api *elbv2.Client, arn string) (map[string]string, error) {
	answer, err := api.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: []string{arn}})
	if err != nil {
		return nil, fmt.Errorf("read the tags of %s: %w", arn, err)
	}
	tags := map[string]string{}
	for _, d := range answer.TagDescriptions {
		for _, t := range d.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return tags, nil
}

// Listener is one listener, by its ARN. API and ARN must be set.
type Listener struct {
	API *elbv2.Client
	ARN string
}

// Rules returns the rules of the listener, without its default actions.
func (l Listener) Rules(ctx context.Context) ([]Rule, error) {
	return describeRules(ctx, l.API, &elbv2.DescribeRulesInput{ListenerArn: &l.ARN})
}

// Rules returns the rules of these ARNs.
func Rules(ctx context.Context, api *elbv2.Client, arns []string) ([]Rule, error) {
	return describeRules(ctx, api, &elbv2.DescribeRulesInput{RuleArns: arns})
}

func describeRules(ctx context.Context, api *elbv2.Client, input *elbv2.DescribeRulesInput) (list []Rule, err error) {
	rules, err := allRules(ctx, api, input)
	for _, r := range rules {
		list = append(list, readRule(r))
	}
	return list, err
}

// allRules returns the rules as the API has them, without the default ones.
func allRules(ctx context.Context, api *elbv2.Client, input *elbv2.DescribeRulesInput) (list []types.Rule, err error) {
	for {
		answer, err := api.DescribeRules(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("read the rules of a listener: %w", err)
		}
		for _, r := range answer.Rules {
			if !aws.ToBool(r.IsDefault) {
				list = append(list, r)
			}
		}
		if input.Marker = answer.NextMarker; aws.ToString(input.Marker) == "" {
			return list, nil
		}
	}
}

func readRule(r types.Rule) (rule Rule) {
	rule.ARN = aws.ToString(r.RuleArn)
	rule.Priority, _ = strconv.Atoi(aws.ToString(r.Priority))
	for _, c := range r.Conditions {
		if aws.ToString(c.Field) != "host-header" {
			continue
		}
		if rule.Hosts = c.Values; c.HostHeaderConfig != nil {
			rule.Hosts = c.HostHeaderConfig.Values
		}
	}
	for _, a := range r.Actions {
		if a.TargetGroupArn != nil {
			rule.TargetGroups = append(rule.TargetGroups, *a.TargetGroupArn)
			continue
		}
		if a.ForwardConfig == nil {
			continue
		}
		for _, g := range a.ForwardConfig.TargetGroups {
			rule.TargetGroups = append(rule.TargetGroups, aws.ToString(g.TargetGroupArn))
		}
	}
	return rule
}
