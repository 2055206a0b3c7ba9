package promotion

import (
	"context"
	"fmt"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/release"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Versions returns the two target groups of a stack whose service ECS deploys as a canary: the one that has
// the requests, and the one that gets them. It is asked before the first request is shifted.
func (c Clients) Versions(ctx context.Context, stack string, resources []cfn.Resource) (stable, next Backend, err error) {
	var groups, rules []string
	for _, r := range resources {
		switch r.Type {
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			groups = append(groups, r.PhysicalID)
		case "AWS::ElasticLoadBalancingV2::ListenerRule":
			rules = append(rules, r.PhysicalID)
		}
	}
	if len(groups) != 2 || len(rules) != 1 {
		return stable, next, hint.New("use a template with exactly two target groups and one rule, as fargate has them, or strategy rolling",
			"stack %s has %d target groups and %d listener rules, so which version gets which requests is not known", stack, len(groups), len(rules))
	}
	weights, err := elb.RuleWeights(ctx, c.ELB, rules[0])
	if err != nil {
		return stable, next, err
	}
	versions := make([]Backend, 2)
	for i, group := range groups {
		versions[i] = Backend{Stack: stack, TargetGroup: group, LoadBalancer: elb.LoadBalancerOfRule(rules[0])}
	}
	if weights[groups[0]] < weights[groups[1]] {
		return versions[1], versions[0], nil
	}
	return versions[0], versions[1], nil
}

// Ready returns an error if a candidate may not get a first request.
func (c Clients) Ready(ctx context.Context, s Shift) error {
	return (&run{c: c, Shift: s}).ready(ctx)
}

// Hold returns once a candidate was good for the bake time, or why it is not good. Somebody else has given it
// that percent of the requests, and takes them back: ECS does, with a canary.
func (c Clients) Hold(ctx context.Context, s Shift, percent int) error {
	r := &run{c: c, Shift: s, now: release.Weights{}}
	r.Traffic.Read = func(context.Context) (release.Weights, error) { return r.now, nil }
	_, err := runner.Phase(c.Log, c.Times, "Traffic", fmt.Sprintf("Judge the new version at %d percent of the requests", percent), func(part *timeline.Part) (struct{}, error) {
		step := Step{Percent: percent, Began: time.Now()}
		r.tell(step)
		verdict, err := r.hold(ctx, percent)
		r.tell(step.ended(verdict, err))
		part.Note(verdict)
		return struct{}{}, err
	})
	return err
}
