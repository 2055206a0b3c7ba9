package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
)

// diagnoseTimeout is how long a diagnosis may take: a job ends within three seconds after it knows
// that something failed.
const diagnoseTimeout = 2 * time.Second

// Diagnosed is an error with its diagnosis.
type Diagnosed struct {
	Finding  diagnosis.Finding
	NextStep string // what happens to the stack now: "stack x is being rolled back"; "" if nothing does
	Cause    error
}

func (d *Diagnosed) Error() string {
	text := d.Finding.Message
	if len(d.Finding.Log) > 0 {
		text += "\nthe last lines of the container's log:\n  | " + strings.Join(d.Finding.Log, "\n  | ")
	}
	if d.NextStep != "" {
		text += "\n" + d.NextStep
	}
	return text
}

func (d *Diagnosed) Unwrap() error { return d.Cause }

// explainFailure explains why CloudFormation failed, or why it would fail later.
func (c Clients) explainFailure(ctx context.Context, failed *cfn.FailedError, inputs diagnosis.Inputs) error {
	ctx, cancel := context.WithTimeout(ctx, diagnoseTimeout)
	defer cancel()
	facts := diagnosis.Facts{
		Action:   fmt.Sprintf("%s stack %s", failed.Operation, failed.Stack.Name),
		Resource: diagnosis.Resource{LogicalID: failed.Cause.LogicalID, Type: failed.Cause.Type, Reason: failed.Cause.Reason},
		Inputs:   inputs,
	}
	if failed.Cause.LogicalID == "" {
		facts.Reason = failed.Stack.StatusReason
	}
	if stuck, ok := errors.AsType[*stuckService](failed.Stuck); ok {
		facts.Resource = diagnosis.Resource{LogicalID: stuck.trouble.Resource.LogicalID, Type: stuck.trouble.Resource.Type}
		facts.Service = c.withLog(ctx, stuck.trouble)
	} else if failed.Cause.Type == "AWS::ECS::Service" && failed.Cause.PhysicalID != "" {
		s := c.service(cfn.Resource{LogicalID: failed.Cause.LogicalID, PhysicalID: failed.Cause.PhysicalID, Type: failed.Cause.Type})
		if trouble, err := s.Trouble(ctx); err == nil {
			facts.Service = c.withLog(ctx, trouble)
			facts.Service.RolledBack = trouble.rolledBack
		}
	}
	return &Diagnosed{Finding: diagnosis.Explain(facts), Cause: failed}
}

// withNextStep returns the explanation of a failure, and adds what happens to the stack now. It
// returns the failure itself if there is no explanation.
func withNextStep(failed *cfn.FailedError) error {
	diagnosed, ok := errors.AsType[*Diagnosed](failed.Explanation)
	if !ok || diagnosed.Finding.Message == "" {
		return failed
	}
	if failed.NextStep != "" {
		diagnosed.NextStep = fmt.Sprintf("stack %s %s", failed.Stack.Name, failed.NextStep)
	}
	return diagnosed
}

// explainNotReady explains why a complete stack is not ready. It returns notReady itself if it finds
// no cause.
func (c Clients) explainNotReady(ctx context.Context, want Want, notReady error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), diagnoseTimeout)
	defer cancel()
	stack, err := c.stacks(nil).Describe(ctx, want.Stack.ID)
	if err != nil {
		return notReady
	}
	found, err := c.workloads(ctx, stack.ID)
	if err != nil {
		return notReady
	}
	facts := diagnosis.Facts{Action: "wait for stack " + stack.Name, Inputs: want.Inputs}
	if explained := c.explainFunctions(ctx, found, facts, notReady); explained != nil {
		return explained
	}
	for _, g := range found.groups {
		if trouble, err := g.Trouble(ctx); err == nil && !trouble.None() {
			facts.Service.Unhealthy, facts.Service.Port = trouble.Service.Unhealthy, trouble.Service.Port
		}
	}
	for _, s := range found.services {
		trouble, err := s.Trouble(ctx)
		if err != nil || trouble.None() && facts.Service.Unhealthy == "" {
			continue
		}
		unhealthy, port := facts.Service.Unhealthy, facts.Service.Port
		facts.Resource = diagnosis.Resource{LogicalID: s.LogicalID, Type: s.Type}
		if facts.Service = c.withLog(ctx, trouble); facts.Service.Unhealthy == "" {
			facts.Service.Unhealthy, facts.Service.Port = unhealthy, port
		}
		return &Diagnosed{Finding: diagnosis.Explain(facts), Cause: notReady}
	}
	if facts.Rule = c.otherHosts(ctx, found, want.URL); facts.Rule.URLHost != "" {
		return &Diagnosed{Finding: diagnosis.Explain(facts), Cause: notReady}
	}
	if facts.API = c.unavailable(ctx, stack, found, notReady); facts.API == (diagnosis.API{}) {
		return notReady
	}
	facts.Service = c.behindAPI(ctx, found)
	return &Diagnosed{Finding: diagnosis.Explain(facts), Cause: notReady}
}

// withLog returns what is known of a service, and adds the log of the task that crashed last.
func (c Clients) withLog(ctx context.Context, t Trouble) diagnosis.Service {
	if t.crash.TaskARN == "" {
		return t.Service
	}
	t.Service.Last.Log = c.tail(ctx, ecs.Service{API: c.ECS, ARN: t.Resource.PhysicalID}, t.crash)
	return t.Service
}
