package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/promotion"
	"pr-stack/internal/release"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// bakeTime returns how long each step must be good. Resolvers keep a record for a while.
func bakeTime(gates config.Gates, by release.Way) time.Duration {
	if by == release.Record {
		return cmp.Or(gates.BakeTime, 5*time.Minute)
	}
	return cmp.Or(gates.BakeTime, 3*time.Minute)
}

// limitsOf returns what a new version must keep to.
func limitsOf(gates config.Gates) release.Limits {
	limits := release.DefaultLimits
	limits.MinRequests = gates.MinRequests
	return limits
}

// canaryWatch is who follows a canary besides the log.
type canaryWatch struct {
	stop   func(ctx context.Context) error // an error is why it goes back now; may be nil
	onStep func(promotion.Step)            // may be nil
}

// strategyValues returns the values of the parameters by which ECS deploys a permanent environment. ECS waits
// no longer in a step than until it is continued: how long a step lasts is for this run to decide.
func strategyValues(job config.Deploy) map[string]string {
	if job.Strategy != config.Canary || job.Environment.PullRequest > 0 {
		return nil
	}
	bake := bakeTime(job.Gates, release.Digest)
	return map[string]string{
		template.StrategyParameter:      template.CanaryStrategy,
		template.CanaryPercentParameter: strconv.Itoa(job.Gates.Steps[0]),
		"CanaryBakeMinutes":             "0",
		"PauseMinutes":                  strconv.Itoa(int((5*bake + 15*time.Minute) / time.Minute)),
	}
}

// bringUp brings the stack up. With a canary, it judges the new version while that gets a part of the
// requests, and has ECS roll it back if it is not good.
func (with deployClients) bringUp(ctx context.Context, job config.Deploy, spec rollout.Spec, goal rollout.Goal) (rollout.Release, error) {
	gate := &canaryGate{job: job, with: with}
	return with.bringUpThrough(ctx, gate.judge, spec, goal)
}

// bringBack brings the stack up with what ran before, which nobody judges.
func (with deployClients) bringBack(ctx context.Context, spec rollout.Spec, goal rollout.Goal) (rollout.Release, error) {
	return with.bringUpThrough(ctx, func(context.Context, int) error { return nil }, spec, goal)
}

func (with deployClients) bringUpThrough(
	ctx context.Context, gate func(ctx context.Context, percent int) error, spec rollout.Spec, goal rollout.Goal,
) (r rollout.Release, err error) {
	if !template.IsCanary(spec.Plan.Parameters) {
		return with.rollout.BringUp(ctx, spec, goal)
	}
	canary := promotion.Canary{Gate: gate, Service: func(ctx context.Context) (string, error) { return with.service(ctx, spec.Name) }}
	err = with.promotion.Canary(ctx, canary, func(ctx context.Context) error {
		r, err = with.rollout.BringUp(ctx, spec, goal)
		return err
	})
	return r, canaryError(err, r)
}

// canaryError says why a canary went back. It wraps what CloudFormation says of the update, which failed
// for that.
func canaryError(err error, r rollout.Release) error {
	returned, ok := errors.AsType[*promotion.ReturnedError](err)
	if !ok {
		return err
	}
	message := fmt.Sprintf("deploy stack %s: ECS rolls the new version back: %s", r.Stack.Name, returned.Why)
	if returned.Cause != nil {
		message = fmt.Sprintf("deploy stack %s: %s; ECS could not be asked to roll it back, and does so when its pause times out: %s",
			r.Stack.Name, returned.Why, returned.Cause)
	}
	return &hint.Error{Message: message, Cause: errors.Join(err, &cfn.FailedError{Operation: "update", Stack: r.Stack, NextStep: cfn.RollingBack})}
}

// canaryGate judges the new version of a permanent environment.
type canaryGate struct {
	job      config.Deploy
	with     deployClients
	versions *promotion.Shift // nil until they are known
}

// service returns the ARN of a stack's ECS service, or "" as long as there is none.
func (with deployClients) service(ctx context.Context, stack string) (string, error) {
	for r, err := range with.stacks.Resources(ctx, stack) {
		if errors.Is(err, cfn.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if r.Type == "AWS::ECS::Service" {
			return r.PhysicalID, nil
		}
	}
	return "", nil
}

// judge is the gate at each pause: before the first request, with a part of them, and with all.
func (g *canaryGate) judge(ctx context.Context, percent int) error {
	if g.versions == nil {
		shift, err := g.find(ctx)
		if err != nil {
			return err
		}
		g.versions = &shift
	}
	if percent == 0 {
		return g.with.promotion.Ready(ctx, *g.versions)
	}
	return g.with.promotion.Hold(ctx, *g.versions, percent)
}

// find returns which version has the requests, and which gets them.
func (g *canaryGate) find(ctx context.Context) (promotion.Shift, error) {
	var resources []cfn.Resource
	for r, err := range g.with.stacks.Resources(ctx, g.job.StackName) {
		if err != nil {
			return promotion.Shift{}, err
		}
		resources = append(resources, r)
	}
	stable, next, err := g.with.promotion.Versions(ctx, g.job.StackName, resources)
	if err != nil {
		return promotion.Shift{}, err
	}
	stack, err := g.with.stacks.Describe(ctx, g.job.StackName)
	if err != nil {
		return promotion.Shift{}, err
	}
	url, _ := template.URL(stack.Outputs)
	gates := g.job.Gates
	return promotion.Shift{
		From: stable, To: next, Bake: bakeTime(gates, release.Digest), Limits: limitsOf(gates), Alarms: gates.Alarms,
		URL: url, Path: g.job.HealthCheckPath, Stop: g.with.canary.stop, OnStep: g.with.canary.onStep,
	}, nil
}
