package rollout

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/template"
)

const ruleType = "AWS::ElasticLoadBalancingV2::ListenerRule"

// serving returns the target groups that must have healthy targets. ECS deploys a canary to the one of
// two groups in which the tasks before are not, so one of them is empty.
func (c Clients) serving(ctx context.Context, groups []Workload, seen Seen) ([]Workload, error) {
	var empty []string
	for _, pair := range seen.Running.Alternates {
		for i, arn := range pair {
			held, err := elb.TargetGroup{API: c.ELB, ARN: arn}.Holds(ctx, seen.Running.Addresses)
			if err != nil {
				return nil, err
			}
			if held {
				empty = append(empty, pair[1-i])
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g Workload) bool { return slices.Contains(empty, g.PhysicalID) }), nil
}

// ServiceOf returns the ARN of the first ECS service of a stack, or "" if there is none yet.
func (c Clients) ServiceOf(ctx context.Context, stack string) (arn string, err error) {
	found, err := c.workloads(ctx, stack)
	if errors.Is(err, cfn.ErrNotFound) || err == nil && len(found.services) == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return found.services[0].PhysicalID, nil
}

// CheckWeights returns an error if an update would change a listener rule whose weights ECS owns.
// CloudFormation would set them to those of the template, whatever the reason of the change is, and so
// may send all requests to a target group without a task (https://github.com/aws/aws-cdk/issues/36649). A
// rule that is removed, because the strategy is no longer canary, is as bad: it sends requests to the
// tasks until the end of the update, and the new tasks may be in the group that gets none.
//
// Of an update that is only known after a rollback, it knows nothing.
func CheckWeights(p cfn.Preview) error {
	if !template.IsCanary(p.Stack.Parameters) {
		return nil
	}
	for _, change := range p.Changes {
		if change.Type == ruleType && change.Action != types.ChangeActionAdd && !change.Kept {
			return hint.New("leave as it is what would change it, or set force and expect errors until the next deployment",
				"stack %s: the update would change %s (%s), and so reset the shares of requests that ECS has set: %s",
				p.Stack.Name, change.LogicalID, change.Type, cmp.Or(strings.Join(change.Because, ", "), string(change.Action)))
		}
	}
	return nil
}
