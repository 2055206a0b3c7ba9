// Package elb waits until a target group of an Elastic Load Balancing load balancer has healthy
// targets, reads the rules of listeners, and changes one: the rule that shares a host's requests between
// target groups by weight.
package elb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// ErrGone means that a target group was deleted.
var ErrGone = errors.New("it was deleted")

// ErrUnchecked means that the load balancer does not check the health of a target group's targets. It
// sends them requests, whatever they answer: a function has no health checks by default.
var ErrUnchecked = errors.New("its health checks are off")

// TargetGroup is one target group, by its ARN. API and ARN must be set.
type TargetGroup struct {
	API  *elbv2.Client
	ARN  string
	Logf func(format string, args ...any) // logs what is waited for; may be nil
}

// Wait returns once every one of the addresses that is registered in the target group is healthy,
// and at least one target is. It ignores addresses that other target groups serve, and all other
// targets of this target group, such as old tasks that drain. Without addresses, any healthy target
// is enough.
//
// When ctx is done, the error says what is wrong with each target, and its hint says what to check. The
// error wraps ErrUnchecked if there is no health to wait for.
func (g TargetGroup) Wait(ctx context.Context, addresses []string) error {
	missing := "its targets are not known yet"
	waiting := poll.Reporter{Logf: g.Logf}
	for range poll.Every(ctx, 2*time.Second) {
		answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
		if ctx.Err() != nil {
			break
		}
		if gone := (*types.TargetGroupNotFoundException)(nil); errors.As(err, &gone) {
			return fmt.Errorf("describe the health of target group %s: %w", g.name(), ErrGone)
		}
		if err != nil {
			return fmt.Errorf("describe the health of target group %s: %w", g.name(), err)
		}
		if unchecked(answer.TargetHealthDescriptions) {
			return fmt.Errorf("target group %s: %w", g.name(), ErrUnchecked)
		}
		if missing = lacking(answer.TargetHealthDescriptions, addresses); missing == "" {
			return nil
		}
		waiting.Waiting("  waiting for target group %s: %s", g.name(), missing)
	}
	err := fmt.Errorf("target group %s: %s: %w", g.name(), missing, context.Cause(ctx))
	if missing == noTarget {
		return hint.Wrap(err, "see the service's events in the ECS console: its tasks are registered in the target group once they run")
	}
	return hint.Wrap(err, "if the code is slow to start raise health-check-timeout; check health-check-path and the parameter ContainerPort")
}

// noTarget is what is missing before a task is registered.
const noTarget = "no target is registered"

// lacking returns what is wrong with the targets, or "".
func lacking(targets []types.TargetHealthDescription, addresses []string) string {
	var unhealthy []string
	healthy := 0
	for _, t := range targets {
		if len(addresses) > 0 && !slices.Contains(addresses, aws.ToString(t.Target.Id)) {
			continue
		}
		if t.TargetHealth.State == types.TargetHealthStateEnumHealthy {
			healthy++
			continue
		}
		unhealthy = append(unhealthy, describe(t))
	}
	switch {
	case len(addresses) == 0 && healthy > 0:
		return ""
	case len(unhealthy) > 0:
		return strings.Join(unhealthy, ", ")
	case healthy == 0:
		return noTarget
	}
	return ""
}

// unchecked reports whether there are targets, and none of them is checked.
func unchecked(targets []types.TargetHealthDescription) bool {
	checked := func(t types.TargetHealthDescription) bool {
		return t.TargetHealth.Reason != types.TargetHealthReasonEnumHealthCheckDisabled
	}
	return len(targets) > 0 && !slices.ContainsFunc(targets, checked)
}

// describe returns one target's state in the words of the console: 10.0.0.7:8080 is unhealthy
// (Target.Timeout: Request timed out).
func describe(t types.TargetHealthDescription) string {
	target := aws.ToString(t.Target.Id)
	if t.Target.Port != nil {
		target = fmt.Sprintf("%s:%d", target, *t.Target.Port)
	}
	words := fmt.Sprintf("%s is %s", target, t.TargetHealth.State)
	if t.TargetHealth.Reason != "" {
		words += fmt.Sprintf(" (%s: %s)", t.TargetHealth.Reason, aws.ToString(t.TargetHealth.Description))
	}
	return words
}

// name returns the part between the slashes of the ARN: …:targetgroup/NAME/0123456789abcdef.
func (g TargetGroup) name() string {
	parts := strings.Split(g.ARN, "/")
	if len(parts) < 2 {
		return g.ARN
	}
	return parts[1]
}

// UnhealthyTarget is a target that is not healthy, and why: "Health checks failed with these codes:
// [404]". The reasons are at
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type UnhealthyTarget struct {
	Port        int32
	Description string
}

// Unhealthy lists the targets whose state is unhealthy. A target that is deregistered has another
// state, such as draining, and is not in the list.
func (g TargetGroup) Unhealthy(ctx context.Context) ([]UnhealthyTarget, error) {
	answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
	if err != nil {
		return nil, fmt.Errorf("describe the health of target group %s: %w", g.name(), err)
	}
	var list []UnhealthyTarget
	for _, t := range answer.TargetHealthDescriptions {
		if t.TargetHealth.State == types.TargetHealthStateEnumUnhealthy {
			list = append(list, UnhealthyTarget{Port: aws.ToInt32(t.Target.Port), Description: aws.ToString(t.TargetHealth.Description)})
		}
	}
	return list, nil
}
