package elb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Usage is how many of something the account has in the region, and how many it may have.
type Usage struct{ Used, Limit int }

// Unlimited is the limit where none is named.
const Unlimited = -1

// The names of limits.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Limit.html
const (
	ApplicationLoadBalancers = "application-load-balancers"
	TargetGroups             = "target-groups"
)

// Usages returns the usage of ApplicationLoadBalancers and TargetGroups. A limit that Elastic Load
// Balancing does not name is Unlimited.
func Usages(ctx context.Context, api *elbv2.Client) (map[string]Usage, error) {
	limits, err := limits(ctx, api)
	if err != nil {
		return nil, err
	}
	balancers, err := countBalancers(ctx, api)
	if err != nil {
		return nil, err
	}
	groups, err := countTargetGroups(ctx, api)
	return map[string]Usage{
		ApplicationLoadBalancers: {balancers, limits[ApplicationLoadBalancers]},
		TargetGroups:             {groups, limits[TargetGroups]},
	}, err
}

func limits(ctx context.Context, api *elbv2.Client) (map[string]int, error) {
	found, input := map[string]int{ApplicationLoadBalancers: Unlimited, TargetGroups: Unlimited}, &elbv2.DescribeAccountLimitsInput{}
	for {
		page, err := api.DescribeAccountLimits(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("read the limits of Elastic Load Balancing: %w", err)
		}
		for _, limit := range page.Limits {
			if n, err := strconv.Atoi(aws.ToString(limit.Max)); err == nil {
				found[aws.ToString(limit.Name)] = n
			}
		}
		if aws.ToString(page.NextMarker) == "" {
			return found, nil
		}
		input.Marker = page.NextMarker
	}
}

func countBalancers(ctx context.Context, api *elbv2.Client) (n int, err error) {
	input := &elbv2.DescribeLoadBalancersInput{}
	for {
		page, err := api.DescribeLoadBalancers(ctx, input)
		if err != nil {
			return 0, fmt.Errorf("count load balancers: %w", err)
		}
		for _, balancer := range page.LoadBalancers {
			if balancer.Type == types.LoadBalancerTypeEnumApplication {
				n++
			}
		}
		if aws.ToString(page.NextMarker) == "" {
			return n, nil
		}
		input.Marker = page.NextMarker
	}
}

func countTargetGroups(ctx context.Context, api *elbv2.Client) (n int, err error) {
	input := &elbv2.DescribeTargetGroupsInput{}
	for {
		page, err := api.DescribeTargetGroups(ctx, input)
		if err != nil {
			return 0, fmt.Errorf("count target groups: %w", err)
		}
		n += len(page.TargetGroups)
		if aws.ToString(page.NextMarker) == "" {
			return n, nil
		}
		input.Marker = page.NextMarker
	}
}
