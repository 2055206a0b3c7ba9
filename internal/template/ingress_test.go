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

// By default, a listener allows TLS 1.0.
func TestTemplates_allow_no_old_TLS(t *testing.T) {
	for name, text := range map[string]string{"base": template.Base, "fargate": template.Fargate, "lambda": template.Lambda} {
		if got := at(section(t, text, "Resources"), "HttpsListener.Properties.SslPolicy"); got != "ELBSecurityPolicy-TLS13-1-2-2021-06" {
			t.Errorf("%s: the policy of the HTTPS listener is %v", name, got)
		}
	}
}
