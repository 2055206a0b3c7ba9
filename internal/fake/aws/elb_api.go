package aws

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
)

func elbOperations() map[string]queryOperation {
	return map[string]queryOperation{
		"DescribeLoadBalancers": (*AWS).describeLoadBalancers,
		"DescribeTargetGroups":  (*AWS).describeTargetGroups,
		"DescribeTargetHealth":  (*AWS).describeTargetHealth,
	}
}

func (a *AWS) describeLoadBalancers(form url.Values) (any, error) {
	type described struct {
		LoadBalancerArn, LoadBalancerName, DNSName string
		CreatedTime                                timestamp
		Code                                       string `xml:"State>Code"`
	}
	arns := members(form, "LoadBalancerArns")
	var list []described
	for _, arn := range slices.Sorted(maps.Keys(a.elb.balancers)) {
		b := a.elb.balancers[arn]
		if len(arns) > 0 && !slices.Contains(arns, arn) {
			continue
		}
		state := "provisioning"
		if b.active {
			state = "active"
		}
		list = append(list, described{b.arn, b.name, b.host, timestamp(b.created), state})
	}
	if len(list) < len(arns) {
		return nil, &apiError{Code: "LoadBalancerNotFound", Message: "One or more load balancers not found"}
	}
	var answer struct {
		LoadBalancers []described `xml:"LoadBalancers>member"`
		NextMarker    string      `xml:",omitempty"`
	}
	answer.LoadBalancers, answer.NextMarker = page(a, list, form.Get("Marker"), 400)
	return answer, nil
}

func (a *AWS) describeTargetGroups(form url.Values) (any, error) {
	type described struct {
		TargetGroupArn, TargetGroupName, HealthCheckPath, VpcId string
	}
	arns := members(form, "TargetGroupArns")
	var list []described
	for _, arn := range slices.Sorted(maps.Keys(a.elb.groups)) {
		if g := a.elb.groups[arn]; len(arns) == 0 || slices.Contains(arns, arn) {
			list = append(list, described{g.arn, g.name, g.path, g.vpc})
		}
	}
	if len(list) < len(arns) {
		return nil, &apiError{Code: "TargetGroupNotFound", Message: "One or more target groups not found"}
	}
	var answer struct {
		TargetGroups []described `xml:"TargetGroups>member"`
		NextMarker   string      `xml:",omitempty"`
	}
	answer.TargetGroups, answer.NextMarker = page(a, list, form.Get("Marker"), 400)
	return answer, nil
}

func (a *AWS) describeTargetHealth(form url.Values) (any, error) {
	g := a.elb.groups[form.Get("TargetGroupArn")]
	if g == nil {
		return nil, &apiError{Code: "TargetGroupNotFound", Message: fmt.Sprintf("Target groups '%s' not found", form.Get("TargetGroupArn"))}
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
	used := a.forwards(g)
	for _, t := range g.targets {
		d := described{t.id, t.port, t.state, t.reason, t.description}
		if !used {
			d.State, d.Reason, d.Description = "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
		}
		answer.Targets = append(answer.Targets, d)
	}
	return answer, nil
}
