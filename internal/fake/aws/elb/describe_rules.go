package elb

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// The answers about rules. An action that forwards to one target group names it twice, and one that
// forwards to several has only ForwardConfig.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
type (
	describedRule struct {
		RuleArn, Priority string
		Conditions        []describedCondition `xml:"Conditions>member"`
		Actions           []describedAction    `xml:"Actions>member"`
		IsDefault         bool
	}
	describedCondition struct {
		Field  string
		Values []string `xml:"Values>member"`
	}
	describedAction struct {
		Type           string
		Order          int
		TargetGroupArn string            `xml:",omitempty"`
		ForwardConfig  *describedForward `xml:",omitempty"`
	}
	describedForward struct {
		TargetGroups []describedWeight `xml:"TargetGroups>member"`
		Stickiness   struct {
			Enabled         bool
			DurationSeconds int `xml:",omitempty"`
		} `xml:"TargetGroupStickinessConfig"`
	}
	describedWeight struct {
		TargetGroupArn string
		Weight         int
	}
)

// describeRules lists the rules of one listener, its default rule last, or the rules of some ARNs.
func (e *ELB) describeRules(form url.Values) (any, error) {
	rules, err := e.rulesOf(form)
	if err != nil {
		return nil, err
	}
	var list []describedRule
	for _, r := range rules {
		list = append(list, r.describe())
	}
	var answer struct {
		Rules      []describedRule `xml:"Rules>member"`
		NextMarker string          `xml:",omitempty"`
	}
	answer.Rules, answer.NextMarker = wire.Page(list, form.Get("Marker"), e.account.PageSize(400))
	return answer, nil
}

func (r *rule) describe() describedRule {
	d := describedRule{RuleArn: r.arn, Priority: strconv.Itoa(r.priority), IsDefault: r.priority == 0}
	if d.IsDefault {
		d.Priority = "default"
	}
	for _, c := range r.conditions {
		d.Conditions = append(d.Conditions, describedCondition{c.field, c.values})
	}
	for i, a := range r.actions {
		d.Actions = append(d.Actions, a.describe(i+1))
	}
	return d
}

func (a action) describe(order int) describedAction {
	d := describedAction{Type: a.kind, Order: order}
	if a.forward == nil {
		return d
	}
	d.ForwardConfig = &describedForward{}
	for _, g := range a.forward.groups {
		d.ForwardConfig.TargetGroups = append(d.ForwardConfig.TargetGroups, describedWeight{g.arn, g.weight})
	}
	if len(a.forward.groups) == 1 {
		d.TargetGroupArn = a.forward.groups[0].arn
	}
	d.ForwardConfig.Stickiness.Enabled, d.ForwardConfig.Stickiness.DurationSeconds = a.forward.sticky, a.forward.stickyFor
	return d
}

func (e *ELB) rulesOf(form url.Values) (list []*rule, err error) {
	age := time.Duration(0)
	if e.RuleStaleness != nil {
		age = e.RuleStaleness()
	}
	if arns := wire.Members(form, "RuleArns"); len(arns) > 0 {
		for _, b := range e.balancers {
			for _, l := range b.listeners {
				list = append(list, slices.DeleteFunc(e.described(l, age), func(r *rule) bool { return !slices.Contains(arns, r.arn) })...)
			}
		}
		if len(list) < len(arns) {
			return nil, noRule.asAPI()
		}
		return list, nil
	}
	_, l := e.listener(form.Get("ListenerArn"))
	if l == nil {
		return nil, noListener.asAPI()
	}
	return append(e.described(l, age), &rule{arn: ruleARN(l) + "default", actions: l.defaults}), nil
}
