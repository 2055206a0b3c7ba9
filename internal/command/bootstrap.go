package command

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"pr-stack/internal/cfn"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
	"pr-stack/internal/template"
)

// bootstrap creates or updates the service's base stack. It needs more rights than a pull request's job and is meant to
// be run by a person, from a laptop or by hand from a workflow.
func bootstrap(ctx context.Context, e *edges) (report.Result, error) {
	result := known(e.config)
	result.StackName = e.config.BaseStack
	phases := phases{log: e.log, times: e.times}
	err := phases.run("Stack", "Deploy base stack "+result.StackName, func() (string, error) {
		stack, outcome, err := e.bootstrap(ctx)
		result.StackID, result.StackOutputs = stack.ID, stack.Outputs
		result.Status = report.Status(outcome)
		return string(outcome), err
	})
	result.Phases, result.Bars = phases.list, e.bars()
	if err != nil {
		return result, err
	}
	for _, name := range slices.Sorted(maps.Keys(result.StackOutputs)) {
		e.log.line("  %s = %s", name, result.StackOutputs[name])
	}
	return result, nil
}

func (e *edges) bootstrap(ctx context.Context) (cfn.Stack, cfn.Outcome, error) {
	service := e.config.Environment.Service
	summary, err := e.stacks.Summarize(ctx, template.Base)
	if err != nil {
		return cfn.Stack{}, "", err
	}
	var declared []template.Parameter
	for _, p := range summary.Parameters {
		declared = append(declared, template.Parameter{Name: p.Name, HasDefault: p.HasDefault})
	}
	parameters, err := template.Parameters(declared, nil, map[string]string{"Service": service}, e.config.ParameterOverrides)
	if err != nil {
		return cfn.Stack{}, "", err
	}
	tags := environment.BaseTags(service)
	maps.Copy(tags, e.config.Tags)
	return e.applyStack(ctx, cfn.Deployment{
		StackName:    e.config.BaseStack,
		Template:     template.Base,
		Parameters:   parameters,
		Tags:         tags,
		Capabilities: summary.Capabilities,
		OnFailure:    afterFailure[e.config.OnFailure],
		Allow: func(_ context.Context, stack cfn.Stack) error {
			if stack.ID == "" {
				return nil
			}
			if err := environment.OwnsBase(service, stack.Tags); err != nil {
				return &explained{
					message: fmt.Sprintf("stack %s: %s", stack.Name, err),
					hint:    "set base-stack to a name that is free",
				}
			}
			return nil
		},
	})
}
