package elb

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// SetWeights changes the weights of the target groups of a rule, as ModifyRule does with all of its
// conditions and delays. The rule must forward to exactly these groups.
func (e *ELB) SetWeights(ruleARN string, weights map[string]int) error {
	b, l, r := e.rule(ruleARN)
	if r == nil {
		return fmt.Errorf("rule %s not found", ruleARN)
	}
	arns := groups(r.actions)
	slices.Sort(arns)
	if wanted := slices.Sorted(maps.Keys(weights)); !slices.Equal(arns, wanted) {
		return fmt.Errorf("rule %s forwards to %v, and not to %v", ruleARN, arns, wanted)
	}
	var list []any
	for _, arn := range arns {
		list = append(list, map[string]any{"TargetGroupArn": arn, "Weight": strconv.Itoa(weights[arn])})
	}
	forward := map[string]any{"Type": "forward", "ForwardConfig": map[string]any{"TargetGroups": list}}
	if refused := e.changeRule(b, l, r, map[string]any{"Actions": []any{forward}}); refused != (refusal{}) {
		return errors.New(refused.message)
	}
	return nil
}

// RuleGroups returns the target groups that a rule forwards to, and the types of its other actions.
func (e *ELB) RuleGroups(ruleARN string) (arns, others []string, found bool) {
	_, _, r := e.rule(ruleARN)
	if r == nil {
		return nil, nil, false
	}
	for _, a := range r.actions {
		if a.forward == nil {
			others = append(others, a.kind)
		}
	}
	return groups(r.actions), others, true
}
