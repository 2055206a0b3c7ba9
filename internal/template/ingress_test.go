package template_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/template"
)

// The two differ only in the load balancer that they belong to.
func TestFargate_has_two_equal_target_groups(t *testing.T) {
	resources := section(t, template.Fargate, "Resources")
	if diff := cmp.Diff(resources["TargetGroup"]["Properties"], resources["SharedTargetGroup"]["Properties"]); diff != "" {
		t.Errorf("the target groups differ (-TargetGroup +SharedTargetGroup):\n%s", diff)
	}
}

func TestFargate_tasks_accept_traffic_only_from_the_ingress(t *testing.T) {
	resources := section(t, template.Fargate, "Resources")
	got := at(resources, "TaskSecurityGroup.Properties.SecurityGroupIngress")
	want := []any{"HasIngress", []any{map[string]any{
		"Description": []any{"IsApi", "From the VPC link", "From the load balancer"},
		"IpProtocol":  "tcp",
		"FromPort":    "ContainerPort",
		"ToPort":      "ContainerPort",
		"SourceSecurityGroupId": []any{
			"IsDedicated", "LoadBalancerSecurityGroup.GroupId",
			[]any{"IsShared", "LoadBalancerSecurityGroupId", "VpcLinkSecurityGroupId"},
		},
	}}, "AWS::NoValue"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ingress of the tasks (-want +got):\n%s", diff)
	}
}
