package ec2

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
)

// Types returns networks and their parts. They carry no traffic: templates need their IDs and
// attributes only. Ref and Fn::GetAtt return what the resource type reference says
// (docs.aws.amazon.com, AWS CloudFormation User Guide).
func (e *EC2) Types() map[string]cloudformation.Type {
	id := func(prefix string) func(*cloudformation.Resource) {
		return func(r *cloudformation.Resource) { r.PhysicalID = prefix + "-0" + e.account.Unique(16) }
	}
	named := func(prefix, attribute string) func(*cloudformation.Resource) {
		return func(r *cloudformation.Resource) {
			id(prefix)(r)
			r.Attributes[attribute] = r.PhysicalID
		}
	}
	group := cloudformation.Timed(e.account, 7*time.Second, 2*time.Second, named("sg", "GroupId"))
	group.Replaces = cloudformation.AnyChanged("GroupDescription", "GroupName", "VpcId")
	group.Delete = e.deleteSecurityGroup
	subnet := cloudformation.Timed(e.account, 5*time.Second, 2*time.Second, named("subnet", "SubnetId"))
	subnet.Replaces = cloudformation.AnyChanged("VpcId", "CidrBlock", "AvailabilityZone")
	network := cloudformation.Timed(e.account, 14*time.Second, 2*time.Second, named("vpc", "VpcId"))
	network.Replaces = cloudformation.AnyChanged("CidrBlock")
	return map[string]cloudformation.Type{
		"AWS::EC2::VPC":                         network,
		"AWS::EC2::Subnet":                      subnet,
		"AWS::EC2::InternetGateway":             cloudformation.Timed(e.account, 17*time.Second, time.Second, named("igw", "InternetGatewayId")),
		"AWS::EC2::VPCGatewayAttachment":        cloudformation.Timed(e.account, time.Second, time.Second, id("attachment")),
		"AWS::EC2::RouteTable":                  cloudformation.Timed(e.account, 12*time.Second, time.Second, named("rtb", "RouteTableId")),
		"AWS::EC2::Route":                       cloudformation.Timed(e.account, 2*time.Second, 2*time.Second, id("route")),
		"AWS::EC2::SubnetRouteTableAssociation": cloudformation.Timed(e.account, 2*time.Second, 16*time.Second, named("rtbassoc", "Id")),
		"AWS::EC2::SecurityGroup":               group,
		"AWS::EC2::SecurityGroupIngress":        cloudformation.Timed(e.account, time.Second, time.Second, named("sgr", "Id")),
		"AWS::EC2::SecurityGroupEgress":         cloudformation.Timed(e.account, time.Second, time.Second, named("sgr", "Id")),
	}
}
