package aws

import (
	"strings"
	"testing"
)

// typed is a stack whose parameters are looked up.
const typed = `
Parameters:
  Network: {Type: AWS::EC2::VPC::Id}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
  Retention: {Type: String, Default: 7}
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: !Ref Retention}}
Outputs:
  Subnets: {Value: !Join ["+", !Ref Subnets]}
`

const network = `
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.0.0/24}}
`

// CloudFormation looks values of AWS's own types up, with the caller's rights, before the first
// resource. What the caller may not see does not exist.
func TestParameters_are_looked_up(t *testing.T) {
	const failed = "Parameter validation failed: parameter value "
	for name, test := range map[string]struct {
		denied           string
		network, subnets string // "" stands for those that exist
		want             string // reason, in which NETWORK and SUBNET stand for their IDs
	}{
		"all exist":                {},
		"another network":          {network: "vpc-1", want: failed + "vpc-1 for parameter name Network does not exist"},
		"a subnet":                 {network: "SUBNET", want: failed + "SUBNET for parameter name Network does not exist"},
		"one of the subnets":       {subnets: "SUBNET, subnet-1", want: failed + "subnet-1 for parameter name Subnets does not exist"},
		"networks may not be seen": {denied: "ec2:DescribeVpcs", want: failed + "NETWORK for parameter name Network does not exist"},
		"subnets may not be seen":  {denied: "ec2:DescribeSubnets", want: failed + "SUBNET for parameter name Subnets does not exist"},
		"several": {network: "vpc-1", subnets: "subnet-1", want: failed + "vpc-1 for parameter name Network does not exist, " +
			"parameter value subnet-1 for parameter name Subnets does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			withRights(t, func(r *rights) {
				r.must("CreateStack", "TemplateBody", network)
				ids := strings.NewReplacer("NETWORK", r.physicalID("Network"), "SUBNET", r.physicalID("Subnet"))
				values := func(network, subnets string) []string {
					return []string{
						"StackName", "t", "TemplateBody", typed,
						"Parameters.member.1.ParameterKey", "Network", "Parameters.member.1.ParameterValue", ids.Replace(network),
						"Parameters.member.2.ParameterKey", "Subnets", "Parameters.member.2.ParameterValue", ids.Replace(subnets),
					}
				}
				if test.network == "" {
					test.network = "NETWORK"
				}
				if test.subnets == "" {
					test.subnets = "SUBNET"
				}
				given := values(test.network, test.subnets)
				want := ids.Replace(test.want)

				r.denied = []string{test.denied}
				r.must("CreateStack", given...)
				history := []string{"CREATE_IN_PROGRESS t User Initiated",
					"ROLLBACK_IN_PROGRESS t " + want + ". Rollback requested by user.", "ROLLBACK_COMPLETE t"}
				if want == "" {
					history = []string{"CREATE_IN_PROGRESS t User Initiated", "CREATE_COMPLETE t"}
				}
				r.wantStackEvents("t", history...)

				r.denied = nil
				r.must("DeleteStack", "StackName", "t")
				r.must("CreateStack", values("NETWORK", "SUBNET")...)
				r.denied = []string{test.denied}
				r.must("UpdateStack", append(given,
					"Parameters.member.3.ParameterKey", "Retention", "Parameters.member.3.ParameterValue", "3")...)
				history = []string{"UPDATE_IN_PROGRESS t User Initiated", "UPDATE_ROLLBACK_IN_PROGRESS t " + want,
					"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS t", "UPDATE_ROLLBACK_COMPLETE t"}
				if want == "" {
					history = []string{"UPDATE_IN_PROGRESS t User Initiated", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS t", "UPDATE_COMPLETE t"}
				}
				r.wantStackEvents("t", history...)
			})
		})
	}
}

// A deleted network is not found any more.
func TestParameters_of_what_is_deleted(t *testing.T) {
	withRights(t, func(r *rights) {
		r.must("CreateStack", "TemplateBody", network)
		id := r.physicalID("Network")
		r.must("DeleteStack")
		body := strings.Replace(typed, "List<AWS::EC2::Subnet::Id>", "CommaDelimitedList", 1)
		r.must("CreateStack", "StackName", "t", "TemplateBody", body,
			"Parameters.member.1.ParameterKey", "Network", "Parameters.member.1.ParameterValue", id,
			"Parameters.member.2.ParameterKey", "Subnets", "Parameters.member.2.ParameterValue", "any")
		r.wantStackEvents("t", "ROLLBACK_IN_PROGRESS t Parameter validation failed: parameter value "+id+
			" for parameter name Network does not exist. Rollback requested by user.", "ROLLBACK_COMPLETE t")
	})
}

// wantStackEvents wants the last events of the stack itself, without those of its resources, to be these.
func (r *rights) wantStackEvents(name string, want ...string) {
	r.Helper()
	var got []string
	for _, line := range r.eventsOf(name) {
		if fields := strings.Fields(line); fields[1] == name {
			got = append(got, line)
		}
	}
	if len(got) < len(want) || strings.Join(got[len(got)-len(want):], "\n") != strings.Join(want, "\n") {
		r.Errorf("the stack's events end in\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
