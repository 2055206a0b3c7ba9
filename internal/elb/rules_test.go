package elb

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

// The API returns the hosts and the target groups in an older and a newer form.
func TestReadRule(t *testing.T) {
	hosts, group := []string{"pr-7.preview.example.com"}, aws.String("arn:group")
	for name, test := range map[string]struct {
		rule types.Rule
		want Rule
	}{
		"older": {
			types.Rule{
				RuleArn: aws.String("arn:rule"), Priority: aws.String("107"), Conditions: []types.RuleCondition{{Field: aws.String("source-ip"), Values: []string{"::/0"}}, {Field: aws.String("host-header"), Values: hosts}},
				Actions: []types.Action{{Type: types.ActionTypeEnumAuthenticateOidc}, {TargetGroupArn: group}},
			},
			Rule{"arn:rule", 107, hosts, []string{"arn:group"}},
		},
		"newer": {
			types.Rule{
				RuleArn: aws.String("arn:rule"), Priority: aws.String("107"), Conditions: []types.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: hosts}}},
				Actions: []types.Action{{ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{{TargetGroupArn: group}, {TargetGroupArn: aws.String("arn:other")}}}}},
			},
			Rule{"arn:rule", 107, hosts, []string{"arn:group", "arn:other"}},
		},
		"any host": {types.Rule{Priority: aws.String("1")}, Rule{Priority: 1}},
	} {
		if diff := cmp.Diff(test.want, readRule(test.rule)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
