package elb

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Holds reports whether any of the addresses is registered in the target group.
func (g TargetGroup) Holds(ctx context.Context, addresses []string) (bool, error) {
	answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
	if err != nil {
		return false, fmt.Errorf("describe the health of target group %s: %w", g.name(), err)
	}
	return slices.ContainsFunc(answer.TargetHealthDescriptions, func(t types.TargetHealthDescription) bool {
		return slices.Contains(addresses, aws.ToString(t.Target.Id))
	}), nil
}
