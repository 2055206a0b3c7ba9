package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// nothingLeft asks each service itself what there is, and finds only what the base stack holds.
func (p *play) nothingLeft(ctx context.Context) error {
	sdk, err := p.account.sdk(ctx, "")
	if err != nil {
		return err
	}
	var left []string

	stacks, err := cloudformation.NewFromConfig(sdk).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	if err != nil {
		return err
	}
	for _, stack := range stacks.Stacks {
		if *stack.StackName != service+"-base" {
			left = append(left, "stack "+*stack.StackName)
		}
	}
	base := stacks.Stacks[0]
	outputs := map[string]string{}
	for _, o := range base.Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}

	repository := outputs["RepositoryName"]
	images, err := ecr.NewFromConfig(sdk).ListImages(ctx, &ecr.ListImagesInput{RepositoryName: &repository})
	if err != nil {
		return err
	}
	for _, image := range images.ImageIds {
		left = append(left, "image "+*image.ImageDigest)
	}

	cluster := outputs["ClusterName"]
	services, err := ecs.NewFromConfig(sdk).ListServices(ctx, &ecs.ListServicesInput{Cluster: &cluster})
	if err != nil {
		return err
	}
	left = append(left, services.ServiceArns...)

	balancers, err := elbv2.NewFromConfig(sdk).DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{})
	if err != nil {
		return err
	}
	for _, balancer := range balancers.LoadBalancers {
		left = append(left, "load balancer "+*balancer.LoadBalancerName)
	}

	if len(left) > 0 {
		return fmt.Errorf("the pull request is closed and there still is: %s", strings.Join(left, ", "))
	}
	if n := p.account.runner.Running(); n > 0 {
		return fmt.Errorf("the pull request is closed and %d of its processes still run", n)
	}
	fmt.Fprintf(p.out, "  Left in the account: the base stack %s, with no image in its repository.\n", *base.StackName)
	return nil
}
