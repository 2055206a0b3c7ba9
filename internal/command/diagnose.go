package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/logs"
)

// examination is how long may be spent on finding out why something failed: a job ends within three seconds of knowing
// that it did.
const examination = 2 * time.Second

// unwell is an error that a diagnosis explains.
type unwell struct {
	finding diagnosis.Finding
	cause   error
}

func (u *unwell) Error() string {
	text := u.finding.Message
	if len(u.finding.Log) > 0 {
		text += "\nthe last lines of the container's log:\n  | " + strings.Join(u.finding.Log, "\n  | ")
	}
	if failed, ok := errors.AsType[*cfn.FailedError](u.cause); ok && failed.Aftermath != "" {
		text += fmt.Sprintf("\nstack %s %s", failed.Stack.Name, failed.Aftermath)
	}
	return text
}

func (u *unwell) Hint() string  { return u.finding.Hint }
func (u *unwell) Unwrap() error { return u.cause }

// examine finds out why an operation on a stack failed, from what is still there to be asked.
func (e *edges) examine(ctx context.Context, failed *cfn.FailedError) diagnosis.Finding {
	ctx, cancel := context.WithTimeout(ctx, examination)
	defer cancel()
	facts := e.facts(fmt.Sprintf("%s stack %s", failed.Operation, failed.Stack.Name))
	facts.Resource = diagnosis.Resource{LogicalID: failed.Cause.LogicalID, Type: failed.Cause.Type, Reason: failed.Cause.Reason}
	if failed.Cause.LogicalID == "" {
		facts.Reason = failed.Stack.StatusReason
	}
	if d, ok := errors.AsType[*doomed](failed.Hopeless); ok {
		facts.Resource = diagnosis.Resource{LogicalID: d.part.LogicalID, Type: d.part.Type}
		facts.Service = e.fared(ctx, d.part.service, d.trouble)
	} else if failed.Cause.Type == "AWS::ECS::Service" && failed.Cause.PhysicalID != "" {
		service := ecs.Service{API: e.ecs, ARN: failed.Cause.PhysicalID}
		if trouble, err := service.Trouble(ctx); err == nil {
			facts.Service = e.fared(ctx, service, trouble)
		}
	}
	return diagnosis.Explain(facts)
}

// examineReadiness finds out why a stack that is complete is not ready.
func (e *edges) examineReadiness(ctx context.Context, stackID string, notReady error) error {
	ctx, cancel := context.WithTimeout(ctx, examination)
	defer cancel()
	services, groups, err := e.parts(ctx, stackID)
	if err != nil {
		return notReady
	}
	facts := e.facts("wait for stack " + e.config.StackName)
	for _, group := range groups {
		ill, err := group.Ill(ctx)
		if err == nil && len(ill) > 0 {
			facts.Service.Unhealthy, facts.Service.Port = ill[0].Description, int(ill[0].Port)
		}
	}
	for _, p := range services {
		trouble, err := p.service.Trouble(ctx)
		if err != nil || len(trouble.Crashed) == 0 && trouble.Unplaced == "" && facts.Service.Unhealthy == "" {
			continue
		}
		facts.Resource = diagnosis.Resource{LogicalID: p.LogicalID, Type: p.Type}
		unhealthy, port := facts.Service.Unhealthy, facts.Service.Port
		if facts.Service = e.fared(ctx, p.service, trouble); facts.Service.Unhealthy == "" {
			facts.Service.Unhealthy, facts.Service.Port = unhealthy, port
		}
		return &unwell{finding: diagnosis.Explain(facts), cause: notReady}
	}
	return notReady
}

func (e *edges) facts(action string) diagnosis.Facts {
	return diagnosis.Facts{Action: action, Inputs: diagnosis.Inputs{
		Own:             e.config.Template.Path != "",
		Image:           e.config.Image != "",
		HealthCheckPath: e.config.HealthCheckPath,
	}}
}

// fared is how a service's tasks fared, with the log of the last that crashed.
func (e *edges) fared(ctx context.Context, service ecs.Service, trouble ecs.Trouble) diagnosis.Service {
	told := diagnosis.Service{
		Name: trouble.Service, Failed: trouble.Failed, Crashes: len(trouble.Crashed),
		Unplaced: trouble.Unplaced, Unhealthy: trouble.Unhealthy, Port: trouble.Port,
	}
	if len(trouble.Crashed) == 0 {
		return told
	}
	last := trouble.Crashed[len(trouble.Crashed)-1]
	told.Last = diagnosis.Crash{Reason: last.Reason, Container: last.Container, Detail: last.Detail}
	if last.ExitCode != nil {
		code := int(*last.ExitCode)
		told.Last.ExitCode = &code
	}
	stream, err := service.Log(ctx, last)
	if err != nil || stream.Name == "" {
		return told
	}
	// More than is shown: half of what a container writes may be empty lines.
	told.Last.Log, _ = logs.Stream{API: e.logs, Group: stream.Group, Name: stream.Name}.Tail(ctx, 50)
	return told
}
