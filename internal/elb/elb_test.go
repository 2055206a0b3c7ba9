package elb

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func target(address string, state types.TargetHealthStateEnum, reason types.TargetHealthReasonEnum, description string) types.TargetHealthDescription {
	return types.TargetHealthDescription{
		Target:       &types.TargetDescription{Id: aws.String(address), Port: aws.Int32(8080)},
		TargetHealth: &types.TargetHealth{State: state, Reason: reason, Description: aws.String(description)},
	}
}

// The stories of package command test the waiting itself; this test shows what counts as healthy.
func TestLacking(t *testing.T) {
	healthy := target("10.0.0.4", types.TargetHealthStateEnumHealthy, "", "")
	starting := target("10.0.0.5", types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumInitialHealthChecking, "Initial health checks in progress")
	sick := target("10.0.0.6", types.TargetHealthStateEnumUnhealthy, types.TargetHealthReasonEnumResponseCodeMismatch, "Health checks failed with these codes: [502]")
	draining := target("10.0.0.7", types.TargetHealthStateEnumDraining, types.TargetHealthReasonEnumDeregistrationInProgress, "Target deregistration is in progress")
	for name, test := range map[string]struct {
		targets   []types.TargetHealthDescription
		addresses []string
		want      string
	}{
		"the new task is healthy":                          {[]types.TargetHealthDescription{healthy}, []string{"10.0.0.4"}, ""},
		"an old task drains beside it":                     {[]types.TargetHealthDescription{draining, healthy}, []string{"10.0.0.4"}, ""},
		"only the old task is healthy":                     {[]types.TargetHealthDescription{healthy, starting}, []string{"10.0.0.5"}, "10.0.0.5:8080 is initial (Elb.InitialHealthChecking: Initial health checks in progress)"},
		"one of two new tasks is unhealthy":                {[]types.TargetHealthDescription{healthy, sick}, []string{"10.0.0.4", "10.0.0.6"}, "10.0.0.6:8080 is unhealthy (Target.ResponseCodeMismatch: Health checks failed with these codes: [502])"},
		"the new task is not registered":                   {[]types.TargetHealthDescription{healthy}, []string{"10.0.0.9"}, "no target is registered"},
		"nothing is registered":                            {nil, nil, "no target is registered"},
		"tasks without addresses: any healthy target will": {[]types.TargetHealthDescription{sick, healthy}, nil, ""},
		"tasks without addresses, none healthy":            {[]types.TargetHealthDescription{sick}, nil, "10.0.0.6:8080 is unhealthy (Target.ResponseCodeMismatch: Health checks failed with these codes: [502])"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lacking(test.targets, test.addresses); got != test.want {
				t.Errorf("lacking = %q, want %q", got, test.want)
			}
		})
	}
}

func TestUnchecked(t *testing.T) {
	function := target("arn:aws:lambda:x", types.TargetHealthStateEnumUnavailable, types.TargetHealthReasonEnumHealthCheckDisabled, "Health checks are disabled")
	healthy := target("10.0.0.4", types.TargetHealthStateEnumHealthy, "", "")
	for name, test := range map[string]struct {
		targets []types.TargetHealthDescription
		want    bool
	}{
		"a function":     {[]types.TargetHealthDescription{function}, true},
		"a task":         {[]types.TargetHealthDescription{healthy}, false},
		"one of the two": {[]types.TargetHealthDescription{function, healthy}, false},
		"nothing":        {nil, false},
	} {
		if got := unchecked(test.targets); got != test.want {
			t.Errorf("unchecked(%s) = %v, want %v", name, got, test.want)
		}
	}
}
