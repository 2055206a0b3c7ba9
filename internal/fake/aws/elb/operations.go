package elb

import (
	"fmt"
	"maps"
	"net/url"
	"slices"

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
		"CreateRule":            e.createRuleCall,
		"ModifyRule":            e.modifyRule,
		"DeleteRule":            e.deleteRule,
		"AddTags":               e.addTags,
		"DescribeTags":          e.describeTags,
	}}
}

func (e *ELB) describeLoadBalancers(form url.Values) (any, error) {
	type described struct {
		LoadBalancerArn, LoadBalancerName, DNSName, CanonicalHostedZoneId string
		CreatedTime                                                       wire.Timestamp
		Code                                                              string `xml:"State>Code"`
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
		list = append(list, described{b.arn, b.name, b.host, hostedZone, wire.Timestamp(b.created), state})
	}
	if len(list) < len(arns) {
		return nil, noBalancer.asAPI()
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
		LoadBalancerArns                                        []string `xml:"LoadBalancerArns>member"`
	}
	arns := wire.Members(form, "TargetGroupArns")
	var list []described
	for _, arn := range slices.Sorted(maps.Keys(e.groups)) {
		if g := e.groups[arn]; len(arns) == 0 || slices.Contains(arns, arn) {
			list = append(list, described{g.ARN, g.name, g.path, g.vpc, e.forwarding(g)})
		}
	}
	if len(list) < len(arns) {
		return nil, noGroup.asAPI()
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
