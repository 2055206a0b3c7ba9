package elb

import (
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// The actions are those of AWS's resource schemas (handlers.*.permissions; pulumi-aws-native 43eed3b,
// 2026-08-07), without those for properties that the resources here do not have: capacity units,
// pools of addresses, users of Cognito. The ARNs are those of the Service Authorization Reference: a
// Describe call is on no particular resource, and a listener is created on its load balancer.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html

type resource = cloudformation.Resource

var (
	anywhere = cloudformation.Anywhere
	onARN    = cloudformation.OnARN
	all      = cloudformation.All
)

// itself returns a resource's ARN, KIND/NAME/ID, with * for the ID of one that does not exist yet.
func (e *ELB) itself(kind string) func(*resource) string {
	return func(r *resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return e.account.ARN("elasticloadbalancing", kind+"/"+e.nameOf(r)+"/*")
	}
}

// nameOf returns the name of a load balancer or a target group.
func (e *ELB) nameOf(r *resource) string {
	if name := property.Text(r.Properties["Name"]); name != "" {
		return name
	}
	return r.ShortName(e.account)
}

func (e *ELB) balancerPermissions() cloudformation.Permissions {
	balancer := e.itself("loadbalancer/app")
	attributes := onARN(balancer, "elasticloadbalancing:ModifyLoadBalancerAttributes").For("LoadBalancerAttributes")
	return cloudformation.Permissions{
		ARN: balancer,
		// The actions of EC2 are those that CreateLoadBalancer itself needs of its caller.
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html
		// iam:CreateServiceLinkedRole is checked where the load balancer is created.
		Create: all(onARN(balancer, "elasticloadbalancing:CreateLoadBalancer").WithTags(),
			anywhere("ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeInternetGateways",
				"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")),
		Made: all(anywhere("elasticloadbalancing:DescribeLoadBalancers"), attributes),
		Read: anywhere("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes",
			"elasticloadbalancing:DescribeTags"),
		Update: all(
			attributes,
			onARN(balancer, "elasticloadbalancing:SetSubnets").For("Subnets", "SubnetMappings"),
			onARN(balancer, "elasticloadbalancing:SetIpAddressType").For("IpAddressType"),
			onARN(balancer, "elasticloadbalancing:SetSecurityGroups").For("SecurityGroups"),
		),
		Delete: all(anywhere("elasticloadbalancing:DescribeLoadBalancers"), onARN(balancer, "elasticloadbalancing:DeleteLoadBalancer")),
		Tag:    onARN(balancer, "elasticloadbalancing:AddTags").WithTags(),
		Untag:  onARN(balancer, "elasticloadbalancing:RemoveTags"),
		Refuse: cloudformation.RefuseAs(e.account, "ElasticLoadBalancingV2", 403),
	}
}

func (e *ELB) listenerPermissions() cloudformation.Permissions {
	balancer := func(r *resource) string { return property.Text(r.Properties["LoadBalancerArn"]) }
	listener := func(r *resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return strings.Replace(balancer(r), ":loadbalancer/", ":listener/", 1) + "/*"
	}
	attributes := onARN(listener, "elasticloadbalancing:ModifyListenerAttributes").For("ListenerAttributes")
	return cloudformation.Permissions{
		ARN:    listener,
		Create: onARN(balancer, "elasticloadbalancing:CreateListener").WithTags(),
		Made:   all(anywhere("elasticloadbalancing:DescribeListeners"), attributes),
		Read: anywhere("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeListenerAttributes",
			"elasticloadbalancing:DescribeTags"),
		Update: all(
			anywhere("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeListenerAttributes",
				"elasticloadbalancing:DescribeTags"),
			onARN(listener, "elasticloadbalancing:ModifyListener").IfChanged(),
			attributes,
		),
		Delete: all(anywhere("elasticloadbalancing:DescribeListeners"), onARN(listener, "elasticloadbalancing:DeleteListener")),
		Tag:    onARN(listener, "elasticloadbalancing:AddTags").WithTags(),
		Untag:  onARN(listener, "elasticloadbalancing:RemoveTags"),
		Refuse: cloudformation.RefuseAs(e.account, "ElasticLoadBalancingV2", 403),
	}
}

func (e *ELB) targetGroupPermissions() cloudformation.Permissions {
	group := e.itself("targetgroup")
	attributes := onARN(group, "elasticloadbalancing:ModifyTargetGroupAttributes").For("TargetGroupAttributes")
	targets := onARN(group, "elasticloadbalancing:RegisterTargets").For("Targets")
	return cloudformation.Permissions{
		ARN:    group,
		Create: onARN(group, "elasticloadbalancing:CreateTargetGroup").WithTags(),
		Made:   all(anywhere("elasticloadbalancing:DescribeTargetGroups"), targets, attributes, anywhere("elasticloadbalancing:DescribeTargetHealth")),
		Read: anywhere("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroupAttributes",
			"elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags"),
		Update: all(
			anywhere("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"),
			onARN(group, "elasticloadbalancing:ModifyTargetGroup").IfChanged(),
			attributes,
			targets,
			onARN(group, "elasticloadbalancing:DeregisterTargets").For("Targets"),
		),
		Delete: all(anywhere("elasticloadbalancing:DescribeTargetGroups"), onARN(group, "elasticloadbalancing:DeleteTargetGroup")),
		Tag:    onARN(group, "elasticloadbalancing:AddTags").WithTags(),
		Untag:  onARN(group, "elasticloadbalancing:RemoveTags"),
		Refuse: cloudformation.RefuseAs(e.account, "ElasticLoadBalancingV2", 403),
	}
}

// rulePermissions: a rule is created on its listener. Those for users of Cognito are left out.
func (e *ELB) rulePermissions() cloudformation.Permissions {
	listener := func(r *resource) string { return property.Text(r.Properties["ListenerArn"]) }
	rule := func(r *resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return strings.Replace(listener(r), ":listener/", ":listener-rule/", 1) + "/*"
	}
	return cloudformation.Permissions{
		ARN:    rule,
		Create: onARN(listener, "elasticloadbalancing:CreateRule").WithTags(),
		Made:   anywhere("elasticloadbalancing:DescribeRules"),
		Read:   anywhere("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"),
		Update: all(
			onARN(rule, "elasticloadbalancing:SetRulePriorities").For("Priority"),
			onARN(rule, "elasticloadbalancing:ModifyRule").For("Actions", "Conditions", "Transforms"),
			anywhere("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"),
		),
		Delete: all(anywhere("elasticloadbalancing:DescribeRules"), onARN(rule, "elasticloadbalancing:DeleteRule")),
		Tag:    onARN(rule, "elasticloadbalancing:AddTags").WithTags(),
		Untag:  onARN(rule, "elasticloadbalancing:RemoveTags"),
		Refuse: cloudformation.RefuseAs(e.account, "ElasticLoadBalancingV2", 403),
	}
}
