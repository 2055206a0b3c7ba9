package promotion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Backend returns what a stack has that requests can be sent to, by its resources. The listener is the one
// that stacks share; with "", the stack must have a load balancer of its own. A stack without an ECS service
// is not scaled.
func (c Clients) Backend(ctx context.Context, stack string, resources []cfn.Resource, listenerARN string) (Backend, error) {
	b := Backend{Stack: stack}
	for _, part := range []struct {
		to          *string
		kind, words string
		optional    bool
	}{
		{&b.TargetGroup, "AWS::ElasticLoadBalancingV2::TargetGroup", "target groups", false},
		{&b.Service, "AWS::ECS::Service", "ECS services", true},
		{&b.LoadBalancer, "AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancers", listenerARN != ""},
	} {
		n := 0
		for _, r := range resources {
			if r.Type == part.kind {
				n++
				*part.to = r.PhysicalID
			}
		}
		if n > 1 || n == 0 && !part.optional {
			return Backend{}, hint.New("promote by digest, or use a template whose stacks have exactly one",
				"stack %s has %d %s, and requests can be shifted between stacks only by one of each", stack, n, part.words)
		}
	}
	if listenerARN != "" {
		if b.LoadBalancer != "" {
			return Backend{}, hint.New("promote by record, or deploy the environment with ingress shared",
				"stack %s has a load balancer of its own, and no rule of the shared one can send requests to it", stack)
		}
		b.LoadBalancer = elb.Listener{ARN: listenerARN}.LoadBalancer()
		return b, nil
	}
	address, err := elb.AddressOf(ctx, c.ELB, b.LoadBalancer)
	b.Host, b.Zone, b.Alone = address.Host, address.Zone, true
	return b, err
}

// Count returns how many tasks a stack's service shall run.
func (c Clients) Count(ctx context.Context, b Backend) (int, error) {
	return ecs.Service{API: c.ECS, ARN: b.Service}.Desired(ctx)
}

// Scale changes how many tasks a stack's service runs, and returns once all of them are healthy targets. It
// changes nothing if that is so. Only ctx limits how long that may take. CloudFormation does not know of it, like the weights.
func (c Clients) Scale(ctx context.Context, b Backend, count int) error {
	if b.Service == "" {
		return nil
	}
	_, err := runner.Phase(c.Log, c.Times, "Traffic", fmt.Sprintf("Scale stack %s to %s", b.Stack, tasks(count)), func(part *timeline.Part) (struct{}, error) {
		part.Note("scaled")
		return struct{}{}, c.scale(ctx, b, count)
	})
	return err
}

func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

func (c Clients) scale(ctx context.Context, b Backend, count int) error {
	service := ecs.Service{API: c.ECS, ARN: b.Service, Logf: c.Log.Line}
	has, err := service.Desired(ctx)
	if err != nil {
		return err
	}
	if has != count {
		if err := service.Scale(ctx, count); err != nil {
			return err
		}
	}
	for range poll.Every(ctx, 2*time.Second) {
		running, err := service.Wait(ctx)
		if err != nil {
			return err
		}
		if len(running.Starts) < count && running.Controller == "" { // what was read is older than the change
			continue
		}
		if count == 0 {
			return nil
		}
		err = elb.TargetGroup{API: c.ELB, ARN: b.TargetGroup, Logf: c.Log.Line}.Wait(ctx, running.Addresses)
		if errors.Is(err, elb.ErrUnchecked) {
			return nil
		}
		return err
	}
	return context.Cause(ctx)
}
