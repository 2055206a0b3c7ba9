package ec2

import (
	"fmt"
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// The actions are those of AWS's resource schemas (handlers.*.permissions; pulumi-aws-native 43eed3b,
// 2026-08-07), without those for properties that the resources here do not have: IPAM, encryption of
// a network's traffic, IPv6, VPN gateways. There is no schema with permissions of
// AWS::EC2::SecurityGroupEgress: its actions are those of the ingress rule. The ARNs are those of the
// Service Authorization Reference: a Describe call is on no particular resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html

type (
	permissions = cloudformation.Permissions
	resource    = cloudformation.Resource
)

var (
	anywhere = cloudformation.Anywhere
	on       = cloudformation.On
	onARN    = cloudformation.OnARN
	all      = cloudformation.All
)

// itself returns a resource's ARN, KIND/ID, with * for the ID of one that does not exist yet.
func (e *EC2) itself(kind string) func(*resource) string {
	return func(r *resource) string {
		if r.PhysicalID == "" {
			return e.account.ARN("ec2", kind+"/*")
		}
		return e.account.ARN("ec2", kind+"/"+r.PhysicalID)
	}
}

// named returns the ARN of the resource whose ID a property has.
func (e *EC2) named(kind, name string) func(*resource) string {
	return func(r *resource) string { return e.account.ARN("ec2", kind+"/"+property.Text(r.Properties[name])) }
}

func (e *EC2) securityGroupPermissions() permissions {
	group, network := e.itself("security-group"), e.named("vpc", "VpcId")
	inNetwork := func(n cloudformation.Needs) cloudformation.Needs { return n.ContextOf("ec2:Vpc", network) }
	return permissions{
		ARN: group,
		// The group is checked, and the network that it is in.
		Create: all(onARN(group, "ec2:CreateSecurityGroup").WithTags(), onARN(network, "ec2:CreateSecurityGroup").For("VpcId")),
		Made: all(
			anywhere("ec2:DescribeSecurityGroups"),
			inNetwork(onARN(group, "ec2:AuthorizeSecurityGroupIngress").For("SecurityGroupIngress")),
			inNetwork(onARN(group, "ec2:RevokeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress").For("SecurityGroupEgress")),
		),
		Read: anywhere("ec2:DescribeSecurityGroups"),
		Update: all(
			anywhere("ec2:DescribeSecurityGroups"),
			inNetwork(onARN(group, "ec2:RevokeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress",
				"ec2:UpdateSecurityGroupRuleDescriptionsIngress").For("SecurityGroupIngress")),
			inNetwork(onARN(group, "ec2:RevokeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress",
				"ec2:UpdateSecurityGroupRuleDescriptionsEgress").For("SecurityGroupEgress")),
		),
		Delete: all(anywhere("ec2:DescribeSecurityGroups", "ec2:DescribeInstances"),
			inNetwork(onARN(group, "ec2:DeleteSecurityGroup"))),
		Tag:    onARN(group, "ec2:CreateTags").WithTags(),
		Untag:  onARN(group, "ec2:DeleteTags"),
		Refuse: e.refuseAPI,
	}
}

// rulePermissions are those of a rule of its own. direction is Ingress or Egress.
func (e *EC2) rulePermissions(direction string) permissions {
	group := e.named("security-group", "GroupId")
	inNetwork := func(n cloudformation.Needs) cloudformation.Needs {
		return n.ContextOf("ec2:Vpc", func(r *resource) string {
			return e.account.ARN("ec2", "vpc/"+e.networks[property.Text(r.Properties["GroupId"])])
		})
	}
	return permissions{
		Create: inNetwork(onARN(group, "ec2:AuthorizeSecurityGroup"+direction)),
		Made:   anywhere("ec2:DescribeSecurityGroupRules"),
		Read:   anywhere("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"),
		Update: inNetwork(onARN(group, "ec2:UpdateSecurityGroupRuleDescriptions"+direction)),
		Delete: all(anywhere("ec2:DescribeSecurityGroupRules"), inNetwork(onARN(group, "ec2:RevokeSecurityGroup"+direction))),
		Refuse: e.refuseAPI,
	}
}

func (e *EC2) vpcPermissions() permissions {
	vpc := e.itself("vpc")
	modify := onARN(vpc, "ec2:ModifyVpcAttribute").For("EnableDnsSupport", "EnableDnsHostnames")
	return permissions{
		ARN:    vpc,
		Create: onARN(vpc, "ec2:CreateVpc").WithTags(),
		Made:   all(anywhere("ec2:DescribeVpcs"), onARN(vpc, "ec2:DescribeVpcAttribute"), modify),
		Read:   all(anywhere("ec2:DescribeVpcs", "ec2:DescribeNetworkAcls", "ec2:DescribeSecurityGroups"), onARN(vpc, "ec2:DescribeVpcAttribute")),
		Update: all(onARN(vpc, "ec2:DescribeVpcAttribute"), modify, onARN(vpc, "ec2:ModifyVpcTenancy").For("InstanceTenancy")),
		Delete: all(anywhere("ec2:DescribeVpcs"), onARN(vpc, "ec2:DeleteVpc")),
		Tag:    onARN(vpc, "ec2:CreateTags").WithTags(),
		Untag:  onARN(vpc, "ec2:DeleteTags"),
		Refuse: e.refuse,
	}
}

func (e *EC2) subnetPermissions() permissions {
	subnet := e.itself("subnet")
	modify := onARN(subnet, "ec2:ModifySubnetAttribute").For("MapPublicIpOnLaunch", "EnableDns64", "PrivateDnsNameOptionsOnLaunch")
	return permissions{
		ARN:    subnet,
		Create: all(onARN(subnet, "ec2:CreateSubnet").WithTags(), onARN(e.named("vpc", "VpcId"), "ec2:CreateSubnet")),
		Made:   all(anywhere("ec2:DescribeSubnets"), modify),
		Read:   anywhere("ec2:DescribeSubnets", "ec2:DescribeNetworkAcls"),
		Update: all(anywhere("ec2:DescribeSubnets"), modify),
		Delete: all(anywhere("ec2:DescribeSubnets"), onARN(subnet, "ec2:DeleteSubnet")),
		Tag:    onARN(subnet, "ec2:CreateTags").WithTags(),
		Untag:  onARN(subnet, "ec2:DeleteTags"),
		Refuse: e.refuse,
	}
}

func (e *EC2) gatewayPermissions() permissions {
	gateway := e.itself("internet-gateway")
	return permissions{
		ARN:    gateway,
		Create: onARN(gateway, "ec2:CreateInternetGateway").WithTags(),
		Made:   anywhere("ec2:DescribeInternetGateways"),
		Read:   anywhere("ec2:DescribeInternetGateways"),
		Update: anywhere("ec2:DescribeInternetGateways"),
		Delete: all(anywhere("ec2:DescribeInternetGateways"), onARN(gateway, "ec2:DeleteInternetGateway")),
		Tag:    onARN(gateway, "ec2:CreateTags").WithTags(),
		Untag:  onARN(gateway, "ec2:DeleteTags"),
		Refuse: e.refuse,
	}
}

func (e *EC2) attachmentPermissions() permissions {
	both := func(r *resource) []string {
		return []string{e.named("internet-gateway", "InternetGatewayId")(r), e.named("vpc", "VpcId")(r)}
	}
	return permissions{
		Create: on(both, "ec2:AttachInternetGateway"),
		Made:   anywhere("ec2:DescribeInternetGateways"),
		Read:   anywhere("ec2:DescribeInternetGateways"),
		Update: all(anywhere("ec2:DescribeInternetGateways"), on(both, "ec2:DetachInternetGateway", "ec2:AttachInternetGateway")),
		Delete: all(anywhere("ec2:DescribeInternetGateways"), on(both, "ec2:DetachInternetGateway")),
		Refuse: e.refuse,
	}
}

func (e *EC2) routeTablePermissions() permissions {
	table := e.itself("route-table")
	return permissions{
		ARN:    table,
		Create: all(onARN(table, "ec2:CreateRouteTable").WithTags(), onARN(e.named("vpc", "VpcId"), "ec2:CreateRouteTable")),
		Made:   anywhere("ec2:DescribeRouteTables"),
		Read:   anywhere("ec2:DescribeRouteTables"),
		Update: anywhere("ec2:DescribeRouteTables"),
		Delete: all(anywhere("ec2:DescribeRouteTables"), onARN(table, "ec2:DeleteRouteTable")),
		Tag:    onARN(table, "ec2:CreateTags").WithTags(),
		Untag:  onARN(table, "ec2:DeleteTags"),
		Refuse: e.refuse,
	}
}

func (e *EC2) routePermissions() permissions {
	table := e.named("route-table", "RouteTableId")
	return permissions{
		Create: onARN(table, "ec2:CreateRoute"),
		Made:   anywhere("ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces"),
		Read:   anywhere("ec2:DescribeRouteTables"),
		Update: all(anywhere("ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces"), onARN(table, "ec2:ReplaceRoute")),
		Delete: all(anywhere("ec2:DescribeRouteTables"), onARN(table, "ec2:DeleteRoute")),
		Refuse: e.refuse,
	}
}

func (e *EC2) associationPermissions() permissions {
	both := func(r *resource) []string {
		return []string{e.named("route-table", "RouteTableId")(r), e.named("subnet", "SubnetId")(r)}
	}
	return permissions{
		Create: on(both, "ec2:AssociateRouteTable"),
		Made:   anywhere("ec2:DescribeSubnets", "ec2:DescribeRouteTables"),
		Read:   anywhere("ec2:DescribeRouteTables"),
		Delete: all(anywhere("ec2:DescribeSubnets", "ec2:DescribeRouteTables"), on(both, "ec2:DisassociateRouteTable")),
		Refuse: e.refuse,
	}
}

// refuseAPI returns a denial in the words of the older handlers of security groups (convox/rack#2142,
// trailofbits/algo#14369). Of the two actions on tags it writes the first letter small. EC2 encodes
// what a policy is asked, except for Describe calls.
func (e *EC2) refuseAPI(d *account.Denied, _ bool) error {
	action := strings.NewReplacer("CreateTags", "createTags", "DeleteTags", "deleteTags").Replace(d.Access.Action)
	text := fmt.Sprintf("API: %s You are not authorized to perform this operation.", action)
	if !strings.HasPrefix(action, "ec2:Describe") {
		text += " Encoded authorization failure message: " + e.account.Unique(48)
	}
	return wire.Reason(text)
}

// refuse returns a denial in the words of the newer handlers of EC2 (amplify-cli#10116), which do not
// name the action.
func (e *EC2) refuse(*account.Denied, bool) error {
	return cloudformation.HandlerError(e.account, fmt.Sprintf("You are not authorized to perform this operation. "+
		"(Service: Ec2, Status Code: 403, Request ID: %s, Extended Request ID: null)", e.account.UUID()), "AccessDenied")
}
