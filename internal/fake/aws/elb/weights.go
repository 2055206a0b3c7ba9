package elb

import (
	"fmt"
	"slices"

	"pr-stack/internal/fake/aws/internal/property"
)

// share is a target group of a forward action and its weight, from 0 to 999.
type share struct {
	group  string // ARN
	weight int
	credit int // of the smooth weighted round robin
}

// readShares reads the target groups of a ForwardConfig. A group without a weight has 1, and one alone
// gets all requests.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
func readShares(config any) (list []*share) {
	for _, item := range property.List(property.Object(config)["TargetGroups"]) {
		p := property.Object(item)
		list = append(list, &share{group: property.Text(p["TargetGroupArn"]), weight: property.Number(p["Weight"], 1)})
	}
	if len(list) == 1 {
		list[0].weight = max(list[0].weight, 1)
	}
	return list
}

// next returns the group of the next request: in any hundred requests each has its share. It returns ""
// if all weights are 0.
func next(shares []*share) string {
	total, best := 0, (*share)(nil)
	for _, s := range shares {
		s.credit += s.weight
		total += s.weight
		if s.weight > 0 && (best == nil || s.credit > best.credit) {
			best = s
		}
	}
	if best == nil {
		return ""
	}
	best.credit -= total
	return best.group
}

// SetWeights changes the weights of the target groups of a rule, as ModifyRule does. The rule must
// forward to exactly these groups, by which ECS finds its own (ECS developer guide, "Troubleshooting
// Amazon ECS blue/green deployments").
func (e *ELB) SetWeights(ruleARN string, weights map[string]int) error {
	for _, b := range e.balancers {
		for _, l := range b.listeners {
			if r := l.rules[ruleARN]; r != nil {
				return r.setWeights(weights)
			}
		}
	}
	return fmt.Errorf("rule %s not found", ruleARN)
}

// RuleGroups returns the target groups that a rule forwards to, and the types of its other actions.
func (e *ELB) RuleGroups(ruleARN string) (arns, others []string, found bool) {
	for _, b := range e.balancers {
		for _, l := range b.listeners {
			r := l.rules[ruleARN]
			if r == nil {
				continue
			}
			for _, a := range r.actions {
				if a.kind != "forward" {
					others = append(others, a.kind)
				}
			}
			return groups(r.actions), others, true
		}
	}
	return nil, nil, false
}

func (r *rule) setWeights(weights map[string]int) error {
	for i, a := range r.actions {
		if a.kind != "forward" {
			continue
		}
		var list []*share
		for _, s := range a.shares {
			weight, known := weights[s.group]
			if !known {
				return fmt.Errorf("rule %s forwards to target group %s as well", r.arn, s.group)
			}
			list = append(list, &share{group: s.group, weight: weight})
		}
		if len(list) != len(weights) {
			return fmt.Errorf("rule %s does not forward to all of the target groups", r.arn)
		}
		actions := slices.Clone(r.actions)
		actions[i].shares = list
		r.actions = actions
		return nil
	}
	return fmt.Errorf("rule %s forwards to no target group", r.arn)
}

type describedShare struct {
	TargetGroupArn string
	Weight         int
}

func (a action) describeShares() (list []describedShare) {
	for _, s := range a.shares {
		list = append(list, describedShare{s.group, s.weight})
	}
	return list
}

// only returns the target group of an action that forwards to a single one, or "".
func (a action) only() string {
	if len(a.shares) != 1 {
		return ""
	}
	return a.shares[0].group
}
