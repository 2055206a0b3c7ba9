package aws

import (
	"reflect"
	"time"
)

// ec2Types are networks. Nothing flows in them: their IDs and attributes are what templates pass on. Ref and Fn::GetAtt
// give what the resource type reference says (docs.aws.amazon.com, AWS CloudFormation User Guide).
func ec2Types() map[string]resourceType {
	id := func(prefix string) func(*AWS, *resource) {
		return func(a *AWS, r *resource) { r.PhysicalID = prefix + "-0" + a.unique(16) }
	}
	named := func(prefix, attribute string) func(*AWS, *resource) {
		return func(a *AWS, r *resource) {
			id(prefix)(a, r)
			r.Attributes[attribute] = r.PhysicalID
		}
	}
	group := takes(7*time.Second, 2*time.Second, named("sg", "GroupId"))
	group.replaces = differ("GroupDescription", "GroupName", "VpcId")
	group.delete = deleteSecurityGroup
	subnet := takes(5*time.Second, 2*time.Second, named("subnet", "SubnetId"))
	subnet.replaces = differ("VpcId", "CidrBlock", "AvailabilityZone")
	network := takes(14*time.Second, 2*time.Second, named("vpc", "VpcId"))
	network.replaces = differ("CidrBlock")
	return map[string]resourceType{
		"AWS::EC2::VPC":                         network,
		"AWS::EC2::Subnet":                      subnet,
		"AWS::EC2::InternetGateway":             takes(17*time.Second, time.Second, named("igw", "InternetGatewayId")),
		"AWS::EC2::VPCGatewayAttachment":        takes(time.Second, time.Second, id("attachment")),
		"AWS::EC2::RouteTable":                  takes(12*time.Second, time.Second, named("rtb", "RouteTableId")),
		"AWS::EC2::Route":                       takes(2*time.Second, 2*time.Second, id("route")),
		"AWS::EC2::SubnetRouteTableAssociation": takes(2*time.Second, 16*time.Second, named("rtbassoc", "Id")),
		"AWS::EC2::SecurityGroup":               group,
		"AWS::EC2::SecurityGroupIngress":        takes(time.Second, time.Second, named("sgr", "Id")),
		"AWS::EC2::SecurityGroupEgress":         takes(time.Second, time.Second, named("sgr", "Id")),
	}
}

// differ tells whether any of the properties changed.
func differ(names ...string) func(old, new map[string]any) bool {
	return func(old, new map[string]any) bool {
		for _, name := range names {
			if !reflect.DeepEqual(old[name], new[name]) {
				return true
			}
		}
		return false
	}
}
