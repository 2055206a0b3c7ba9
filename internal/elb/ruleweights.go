package elb

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// RuleWeights returns the weights of the target groups to which a rule forwards, by their ARNs. A group that
// gets no requests has the weight 0.
func RuleWeights(ctx context.Context, api *elbv2.Client, arn string) (map[string]int, error) {
	rules, err := allRules(ctx, api, &elbv2.DescribeRulesInput{RuleArns: []string{arn}})
	if err != nil {
		return nil, err
	}
	weights := map[string]int{}
	for _, r := range rules {
		for _, a := range r.Actions {
			if a.ForwardConfig == nil {
				continue
			}
			for _, g := range a.ForwardConfig.TargetGroups {
				weights[aws.ToString(g.TargetGroupArn)] = int(aws.ToInt32(g.Weight))
			}
		}
	}
	if len(weights) == 0 {
		return nil, fmt.Errorf("read rule %s: it forwards to no target groups by weight", arn)
	}
	return weights, nil
}

// LoadBalancerOfRule returns the ARN of the load balancer of a rule:
// …:listener-rule/app/NAME/ID/LISTENER/RULE belongs to …:loadbalancer/app/NAME/ID.
func LoadBalancerOfRule(arn string) string {
	before, after, _ := strings.Cut(arn, ":listener-rule/")
	parts := strings.Split(after, "/")
	return before + ":loadbalancer/" + strings.Join(parts[:min(3, len(parts))], "/")
}
