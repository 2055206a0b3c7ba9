package ec2

import (
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns networks and their parts. They carry no traffic: templates need their IDs and
// attributes only. Ref and Fn::GetAtt return what the resource type reference says
// (docs.aws.amazon.com, AWS CloudFormation User Guide). A change of a property of Replaces needs a
// new resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07).
func (e *EC2) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::EC2::VPC": e.taggable(vpcTimes, "vpc", "VpcId", cloudformation.Type{
			Replaces:    cloudformation.AnyChanged("CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl"),
			Permissions: e.vpcPermissions(),
		}),
		"AWS::EC2::Subnet": e.taggable(subnetTimes, "subnet", "SubnetId", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("VpcId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "OutpostArn",
				"Ipv6Native", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "Ipv6IpamPoolId", "Ipv6NetmaskLength"),
			Required: []string{"VpcId"}, Permissions: e.subnetPermissions(),
		}),
		"AWS::EC2::InternetGateway": e.taggable(gatewayTimes, "igw", "InternetGatewayId", cloudformation.Type{
			Permissions: e.gatewayPermissions(),
		}),
		"AWS::EC2::VPCGatewayAttachment": e.plain(attachmentTimes, "attachment", "", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("VpcId"),
			Required: []string{"VpcId"}, Permissions: e.attachmentPermissions(),
		}),
		"AWS::EC2::RouteTable": e.taggable(routeTableTimes, "rtb", "RouteTableId", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("VpcId"),
			Required: []string{"VpcId"}, Permissions: e.routeTablePermissions(),
		}),
		"AWS::EC2::Route": e.plain(routeTimes, "route", "", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock",
				"DestinationPrefixListId"),
			Required: []string{"RouteTableId"}, Permissions: e.routePermissions(),
		}),
		"AWS::EC2::SubnetRouteTableAssociation": e.plain(associationTimes, "rtbassoc", "Id", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("SubnetId", "RouteTableId"),
			Required: []string{"RouteTableId", "SubnetId"}, Permissions: e.associationPermissions(),
		}),
		"AWS::EC2::SecurityGroup": e.securityGroup(),
		"AWS::EC2::SecurityGroupIngress": e.plain(ruleTimes, "sgr", "Id", cloudformation.Type{
			Replaces: cloudformation.AnyChanged("GroupName", "IpProtocol", "SourceSecurityGroupId", "SourcePrefixListId",
				"ToPort", "CidrIp", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId", "FromPort", "GroupId", "CidrIpv6"),
			Required: []string{"IpProtocol"}, Permissions: e.rulePermissions("Ingress"),
		}),
		"AWS::EC2::SecurityGroupEgress": e.plain(ruleTimes, "sgr", "Id", cloudformation.Type{
			// Its schema was not at hand. The template reference says "Replacement" of all but Description.
			Replaces: cloudformation.AnyChanged("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId",
				"FromPort", "GroupId", "IpProtocol", "ToPort"),
			Required: []string{"GroupId", "IpProtocol"}, Permissions: e.rulePermissions("Egress"),
		}),
	}
}

// ParameterTypes returns the types of parameters whose values are IDs of networks and their parts.
func (e *EC2) ParameterTypes() map[string]cloudformation.ParameterType {
	of := func(prefix, action string) cloudformation.ParameterType {
		return cloudformation.ParameterType{Action: action, Exists: func(id string) bool {
			return strings.HasPrefix(id, prefix) && e.exists[id]
		}}
	}
	return map[string]cloudformation.ParameterType{
		"AWS::EC2::VPC::Id":           of("vpc-", "ec2:DescribeVpcs"),
		"AWS::EC2::Subnet::Id":        of("subnet-", "ec2:DescribeSubnets"),
		"AWS::EC2::SecurityGroup::Id": of("sg-", "ec2:DescribeSecurityGroups"),
	}
}

func (e *EC2) securityGroup() cloudformation.Type {
	group := e.taggable(groupTimes, "sg", "GroupId", cloudformation.Type{
		Replaces: cloudformation.AnyChanged("GroupDescription", "GroupName", "VpcId"), Delete: e.deleteSecurityGroup,
		Required: []string{"GroupDescription"}, Permissions: e.securityGroupPermissions(),
	})
	create := group.Create
	group.Create = func(r *cloudformation.Resource, done func(error)) {
		create(r, done)
		e.networks[r.PhysicalID] = property.Text(r.Properties["VpcId"])
	}
	return group
}

// times is how long a type takes to be created and deleted: medians of recorded stacks.
type times struct{ create, delete time.Duration }

var (
	vpcTimes         = times{14 * time.Second, 2 * time.Second}
	subnetTimes      = times{5 * time.Second, 2 * time.Second}
	gatewayTimes     = times{17 * time.Second, time.Second}
	attachmentTimes  = times{time.Second, time.Second}
	routeTableTimes  = times{12 * time.Second, time.Second}
	routeTimes       = times{2 * time.Second, 2 * time.Second}
	associationTimes = times{2 * time.Second, 16 * time.Second}
	groupTimes       = times{7 * time.Second, 2 * time.Second}
	ruleTimes        = times{time.Second, time.Second}
)

// plain completes a type whose resources have an ID with that prefix, also as an attribute.
func (e *EC2) plain(t times, prefix, attribute string, kind cloudformation.Type) cloudformation.Type {
	timed := cloudformation.Timed(e.account, t.create, t.delete, func(r *cloudformation.Resource) {
		r.PhysicalID = prefix + "-0" + e.account.Unique(16)
		e.exists[r.PhysicalID] = true
		if attribute != "" {
			r.Attributes[attribute] = r.PhysicalID
		}
	})
	kind.Create = timed.Create
	remove := kind.Delete
	if remove == nil {
		remove = timed.Delete
	}
	kind.Delete = func(r *cloudformation.Resource, done func(error)) {
		remove(r, func(err error) {
			if err == nil {
				delete(e.exists, r.PhysicalID)
			}
			done(err)
		})
	}
	return kind
}

// taggable completes a type that takes tags. No recording shows how long a change of its tags takes:
// two calls, which EC2 answers at once, and a Describe call until both are seen.
func (e *EC2) taggable(t times, prefix, attribute string, kind cloudformation.Type) cloudformation.Type {
	kind.Taggable, kind.Retag = true, 3*time.Second
	return e.plain(t, prefix, attribute, kind)
}
