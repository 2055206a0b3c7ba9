package actiontest

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Rules returns the rules of the listener that environments share, each as its priority and its host
// names, in the order of the priorities.
func (e *Env) Rules(ctx context.Context) (list []string, err error) {
	base, err := e.BaseOutputs(ctx)
	if err != nil {
		return nil, err
	}
	input := &elbv2.DescribeRulesInput{ListenerArn: aws.String(base["HttpsListenerArn"])}
	for {
		answer, err := elbv2.NewFromConfig(e.AWS.Config()).DescribeRules(ctx, input)
		if err != nil {
			return nil, err
		}
		for _, r := range answer.Rules {
			if aws.ToBool(r.IsDefault) {
				continue
			}
			words := []string{aws.ToString(r.Priority)}
			for _, c := range r.Conditions {
				words = append(words, c.Values...)
			}
			list = append(list, strings.Join(words, " "))
		}
		if input.Marker = answer.NextMarker; aws.ToString(input.Marker) == "" {
			return list, nil
		}
	}
}

// AddRules starts to add rules of those priorities to that listener, for hosts of somebody else.
func (e *Env) AddRules(ctx context.Context, stack string, priorities ...int) error {
	base, err := e.BaseOutputs(ctx)
	if err != nil {
		return err
	}
	var body strings.Builder
	body.WriteString("Resources:\n")
	for _, priority := range priorities {
		fmt.Fprintf(&body, "  Rule%d: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: %q, Priority: %d, "+
			"Conditions: [{Field: host-header, Values: [other-%d.example.com]}], Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: \"200\"}}]}}\n",
			priority, base["HttpsListenerArn"], priority, priority)
	}
	return e.CreateStack(ctx, stack, body.String(), nil)
}
