// Package elb tells when a target group of an Elastic Load Balancing load balancer has healthy targets. It changes
// nothing.
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

	"pr-stack/internal/poll"
)

// ErrGone tells that a target group was deleted. Ask with errors.Is.
var ErrGone = errors.New("somebody deleted it")

// TargetGroup is one target group, by its ARN. API and ARN must be set.
type TargetGroup struct {
	API  *elbv2.Client
	Logf func(string, ...any)
	ARN  string
}

// Wait returns once every one of the addresses that is registered in the target group is healthy, and at least one
// target is. Addresses that other target groups serve are passed over; so are all other targets here, such as the old
// tasks that drain. With no addresses any healthy target will do.
//
// An error tells what each target still lacks when ctx is done.
func (g TargetGroup) Wait(ctx context.Context, addresses []string) error {
	missing := "nothing is known of its targets yet"
	for range poll.Every(ctx, 2*time.Second) {
		answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
		if ctx.Err() != nil {
			break
		}
		if gone := (*types.TargetGroupNotFoundException)(nil); errors.As(err, &gone) {
			return fmt.Errorf("describe the health of target group %s: %w", g.Name(), ErrGone)
		}
		if err != nil {
			return fmt.Errorf("describe the health of target group %s: %w", g.Name(), err)
		}
		if missing = lacking(answer.TargetHealthDescriptions, addresses); missing == "" {
			return nil
		}
	}
	return fmt.Errorf("target group %s: %s: %w", g.Name(), missing, context.Cause(ctx))
}

// lacking says what is wrong with the targets, or "".
func lacking(targets []types.TargetHealthDescription, addresses []string) string {
	var ill []string
	healthy := 0
	for _, t := range targets {
		if len(addresses) > 0 && !slices.Contains(addresses, aws.ToString(t.Target.Id)) {
			continue
		}
		if t.TargetHealth.State == types.TargetHealthStateEnumHealthy {
			healthy++
			continue
		}
		ill = append(ill, describe(t))
	}
	switch {
	case len(addresses) == 0 && healthy > 0:
		return ""
	case len(ill) > 0:
		return strings.Join(ill, ", ")
	case healthy == 0:
		return "no target is registered"
	}
	return ""
}

// describe words one target's state as the console does: 10.0.0.7:8080 is unhealthy (Target.Timeout: Request timed out).
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

// Name is what stands between the slashes of an ARN: …:targetgroup/NAME/0123456789abcdef.
func (g TargetGroup) Name() string {
	parts := strings.Split(g.ARN, "/")
	if len(parts) < 2 {
		return g.ARN
	}
	return parts[1]
}

// Illness is a target that is not healthy, and why: Target.ResponseCodeMismatch, "Health checks failed with these codes:
// [404]". The reasons are at https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type Illness struct {
	Target      string // the address
	Port        int32
	State       string
	Reason      string
	Description string
}

// Ill lists the targets that the load balancer has found to be unhealthy, also those that it lets go because of that.
func (g TargetGroup) Unhealthy(ctx context.Context) ([]Illness, error) {
	answer, err := g.API.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
	if err != nil {
		return nil, fmt.Errorf("describe the health of target group %s: %w", g.Name(), err)
	}
	var ill []Illness
	for _, t := range answer.TargetHealthDescriptions {
		if t.TargetHealth.State == types.TargetHealthStateEnumUnhealthy {
			ill = append(ill, Illness{
				Target: aws.ToString(t.Target.Id), Port: aws.ToInt32(t.Target.Port), State: string(t.TargetHealth.State),
				Reason: string(t.TargetHealth.Reason), Description: aws.ToString(t.TargetHealth.Description),
			})
		}
	}
	return ill, nil
}
