package elb

import (
	"pr-stack/internal/fake/aws/internal/property"
)

// forward is where a forward action sends requests: to its target groups, by their weights. That clients
// can be kept on one of them (stickiness) is recorded and has no effect.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
type forward struct {
	groups    []weightedGroup
	sticky    bool
	stickyFor int // seconds; 0: not given
}

// weightedGroup is one target group of a forward action.
type weightedGroup struct {
	arn    string
	weight int
	credit int // of the round robin: see next
}

const (
	unweighted      = -1 // the weight was not given
	maxWeight       = 999
	groupsPerAction = 5 // load-balancer-limits.html, "Target Groups per Action per Application Load Balancer"
)

// readForward reads a forward action. A single group needs no weight; AWS answers with 1.
func readForward(p map[string]any) *forward {
	f := &forward{}
	config := property.Object(p["ForwardConfig"])
	for _, item := range property.List(config["TargetGroups"]) {
		g := property.Object(item)
		f.groups = append(f.groups, weightedGroup{
			arn: property.Text(g["TargetGroupArn"]), weight: property.Number(g["Weight"], unweighted),
		})
	}
	if arn := property.Text(p["TargetGroupArn"]); len(f.groups) == 0 && arn != "" {
		f.groups = []weightedGroup{{arn: arn, weight: unweighted}}
	}
	if len(f.groups) == 1 && f.groups[0].weight == unweighted {
		f.groups[0].weight = 1
	}
	sticky := property.Object(config["TargetGroupStickinessConfig"])
	f.sticky, f.stickyFor = property.Text(sticky["Enabled"]) == "true", property.Number(sticky["DurationSeconds"], 0)
	return f
}

// next returns the target group of the next request, by smooth weighted round robin: of as many requests
// as the sum of the weights, each group gets as many as its weight. If all weights are 0 it returns "".
func (f *forward) next() (arn string) {
	total, best := 0, -1
	for i := range f.groups {
		g := &f.groups[i]
		total += g.weight
		g.credit += g.weight
		if g.weight > 0 && (best < 0 || g.credit > f.groups[best].credit) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	f.groups[best].credit -= total
	return f.groups[best].arn
}

// check refuses too many target groups, and weights that are none (aws-cdk#24805). The words of the
// first refusal are inferred; its code is that of the API reference.
func (f *forward) check() refusal {
	if len(f.groups) > groupsPerAction {
		return refusal{
			"You have reached the maximum number of target groups that you can specify in a forward action: [5]",
			"ServiceLimitExceeded", "TooManyTargetGroups",
		}
	}
	for _, g := range f.groups {
		if g.weight < 0 || g.weight > maxWeight {
			return refusal{}.invalid("The weight for each target group must be between 0 and 999, inclusive")
		}
	}
	return refusal{}
}
