package elb

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"pr-stack/internal/fake/aws/internal/wire"
)

// Operations returns the API.
func (e *ELB) Operations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{
		"DescribeAccountLimits": e.describeAccountLimits,
		"DescribeLoadBalancers": e.describeLoadBalancers,
		"DescribeTargetGroups":  e.describeTargetGroups,
		"DescribeTargetHealth":  e.describeTargetHealth,
		"DescribeRules":         e.describeRules,
	}}
}

func (e *ELB) describeLoadBalancers(form url.Values) (any, error) {
	type described struct {
		LoadBalancerArn, LoadBalancerName, DNSName string
		CreatedTime                                wire.Timestamp
		Code                                       string `xml:"State>Code"`
	}
	arns := wire.Members(form, "LoadBalancerArns")
	var list []described
	for _, arn := range slices.Sorted(maps.Keys(e.balancers)) {
		b := e.balancers[arn]
		if len(arns) > 0 && !slices.Contains(arns, arn) {
			continue
		}
		state := "provisioning"
		if b.active {
			state = "active"
		}
		list = append(list, described{b.arn, b.name, b.host, wire.Timestamp(b.created), state})
	}
	if len(list) < len(arns) {
		return nil, &wire.APIError{Code: "LoadBalancerNotFound", Message: "One or more load balancers not found"}
	}
	var answer struct {
		LoadBalancers []described `xml:"LoadBalancers>member"`
		NextMarker    string      `xml:",omitempty"`
	}
	answer.LoadBalancers, answer.NextMarker = wire.Page(list, form.Get("Marker"), e.account.PageSize(400))
	return answer, nil
}

func (e *ELB) describeTargetGroups(form url.Values) (any, error) {
	type described struct {
		TargetGroupArn, TargetGroupName, HealthCheckPath, VpcId string
	}
	arns := wire.Members(form, "TargetGroupArns")
	var list []described
	for _, arn := range slices.Sorted(maps.Keys(e.groups)) {
		if g := e.groups[arn]; len(arns) == 0 || slices.Contains(arns, arn) {
			list = append(list, described{g.ARN, g.name, g.path, g.vpc})
		}
	}
	if len(list) < len(arns) {
		return nil, &wire.APIError{Code: "TargetGroupNotFound", Message: "One or more target groups not found"}
	}
	var answer struct {
		TargetGroups []described `xml:"TargetGroups>member"`
		NextMarker   string      `xml:",omitempty"`
	}
	answer.TargetGroups, answer.NextMarker = wire.Page(list, form.Get("Marker"), e.account.PageSize(400))
	return answer, nil
}

func (e *ELB) describeTargetHealth(form url.Values) (any, error) {
	g := e.groups[form.Get("TargetGroupArn")]
	if g == nil {
		return nil, &wire.APIError{Code: "TargetGroupNotFound", Message: fmt.Sprintf("Target groups '%s' not found", form.Get("TargetGroupArn"))}
	}
	type described struct {
		ID          string `xml:"Target>Id"`
		Port        int    `xml:"Target>Port"`
		State       string `xml:"TargetHealth>State"`
		Reason      string `xml:"TargetHealth>Reason,omitempty"`
		Description string `xml:"TargetHealth>Description,omitempty"`
	}
	var answer struct {
		Targets []described `xml:"TargetHealthDescriptions>member"`
	}
	used := e.Forwards(g)
	for _, t := range g.targets {
		d := described{t.backend.Address(), t.Port, t.State, t.reason, t.Description}
		if !used {
			d.State, d.Reason, d.Description = "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
		}
		answer.Targets = append(answer.Targets, d)
	}
	return answer, nil
}

// describeRules lists the rules of one listener, its default rule last, or the rules of some ARNs.
func (e *ELB) describeRules(form url.Values) (any, error) {
	type condition struct {
		Field  string
		Values []string `xml:"Values>member"`
	}
	type described struct {
		RuleArn, Priority string
		Conditions        []condition `xml:"Conditions>member"`
		Actions           []struct {
			Type           string
			TargetGroupArn string           `xml:",omitempty"`
			Groups         []describedShare `xml:"ForwardConfig>TargetGroups>member"`
		} `xml:"Actions>member"`
		IsDefault bool
	}
	rules, err := e.rulesOf(form)
	if err != nil {
		return nil, err
	}
	var list []described
	for _, r := range rules {
		d := described{RuleArn: r.arn, Priority: strconv.Itoa(r.priority), IsDefault: r.priority == 0}
		if d.IsDefault {
			d.Priority = "default"
		}
		for _, c := range r.conditions {
			d.Conditions = append(d.Conditions, condition{c.field, c.values})
		}
		for _, a := range r.actions {
			d.Actions = append(d.Actions, struct {
				Type           string
				TargetGroupArn string           `xml:",omitempty"`
				Groups         []describedShare `xml:"ForwardConfig>TargetGroups>member"`
			}{a.kind, a.only(), a.describeShares()})
		}
		list = append(list, d)
	}
	var answer struct {
		Rules      []described `xml:"Rules>member"`
		NextMarker string      `xml:",omitempty"`
	}
	answer.Rules, answer.NextMarker = wire.Page(list, form.Get("Marker"), e.account.PageSize(400))
	return answer, nil
}

func (e *ELB) rulesOf(form url.Values) (list []*rule, err error) {
	if arns := wire.Members(form, "RuleArns"); len(arns) > 0 {
		for _, b := range e.balancers {
			for _, l := range b.listeners {
				list = append(list, slices.DeleteFunc(l.ordered(), func(r *rule) bool { return !slices.Contains(arns, r.arn) })...)
			}
		}
		if len(list) < len(arns) {
			return nil, &wire.APIError{Code: "RuleNotFound", Message: "One or more rules not found"}
		}
		return list, nil
	}
	_, l := e.listener(form.Get("ListenerArn"))
	if l == nil {
		return nil, &wire.APIError{Code: "ListenerNotFound", Message: "One or more listeners not found"}
	}
	return append(l.ordered(), &rule{arn: ruleARN(l) + "default", actions: l.defaults}), nil
}
