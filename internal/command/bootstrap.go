package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/permissions"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
)

// bootstrapClients is what bootstrap works with.
type bootstrapClients struct {
	run     report.Run // what is certain about the run
	log     *runner.Log
	rollout rollout.Clients
}

// errNotOurs means that the stack belongs to somebody else, so that its outputs must not be
// published.
var errNotOurs = errors.New("the stack is not this service's base stack")

// bootstrap creates or updates the service's base stack. It needs more permissions than a pull
// request's job and is meant to be run by a person, from a laptop or by hand from a workflow.
func bootstrap(ctx context.Context, job config.Bootstrap, with bootstrapClients) (*report.Bootstrap, error) {
	result := &report.Bootstrap{Run: with.run, Stack: report.Stack{Name: job.BaseStack}}
	up, err := applyBase(ctx, job, with)
	if !errors.Is(err, errNotOurs) {
		result.Stack.ID, result.Stack.Outputs, result.Stack.Created = up.Stack.ID, up.Stack.Outputs, up.Stack.Created
	}
	if err != nil && ctx.Err() != nil {
		_, err = with.rollout.Interrupted(ctx, job.BaseStack, err, "run bootstrap again to continue from there")
	}
	if err != nil {
		return result, err
	}
	result.Ending, result.Status = report.Up, report.Status(up.Outcome)
	for _, name := range slices.Sorted(maps.Keys(result.Stack.Outputs)) {
		with.log.Line("  %s = %s", name, result.Stack.Outputs[name])
	}
	result.Policies, err = policies(job.Service, up.Stack, with.log)
	if err == nil {
		with.log.Line("%s", report.PoliciesNote)
	}
	for _, p := range result.Policies {
		with.log.Group("IAM policy of the role " + p.Role + ", for " + p.For)
		with.log.Line("%s", p.JSON)
		with.log.EndGroup()
	}
	return result, err
}

// policies returns the policies of the service's roles, with the names of its resources filled in.
func policies(service string, base cfn.Stack, log *runner.Log) (list []report.Policy, err error) {
	roles, err := permissions.Roles(permissions.Base{Service: service, StackID: base.ID, Outputs: base.Outputs})
	for _, role := range roles {
		if size := role.Policy.Size(); size > permissions.MaxSize {
			log.Warning("a policy is too long", fmt.Sprintf("that of the role %s has %d characters, and IAM allows %d "+
				"in inline policies: split its statements between a few managed policies", role.Name, size, permissions.MaxSize))
		}
		list = append(list, report.Policy{Role: role.Name, For: role.For, JSON: role.Policy.JSON()})
	}
	return list, err
}

func applyBase(ctx context.Context, job config.Bootstrap, with bootstrapClients) (rollout.Applied, error) {
	// A parameter that is not given again keeps its value: with other zones, for example, the subnets
	// would be replaced.
	before, err := with.rollout.Parameters(ctx, job.BaseStack)
	if err != nil {
		return rollout.Applied{}, err
	}
	plan, err := with.rollout.Plan(ctx, cfn.Template{Body: template.Base}, rollout.Values{
		Base: before, Ours: map[string]string{"Service": job.Service}, Users: job.ParameterOverrides,
	}, nil)
	if err != nil {
		return rollout.Applied{}, err
	}
	tags := environment.BaseTags(job.Service)
	maps.Copy(tags, job.Tags)
	return with.rollout.Apply(ctx, rollout.Spec{
		Name: job.BaseStack, Plan: plan, Tags: tags, RoleARN: job.RoleARN, Timeout: job.Timeout, OnFailure: onFailure[job.OnFailure],
		Allow: func(_ context.Context, stack cfn.Stack) error { return checkBaseOwner(job.Service, stack) },
	})
}

// checkBaseOwner refuses a stack that is not the service's base stack.
func checkBaseOwner(service string, stack cfn.Stack) error {
	if stack.ID == "" {
		return nil
	}
	if err := environment.OwnsBase(service, stack.Tags); err != nil {
		return &hint.Error{
			Message: "stack " + stack.Name + ": " + err.Error(),
			Hint:    "set base-stack to a name that is not in use",
			Cause:   errNotOurs,
		}
	}
	return nil
}

// onFailure is the input on-failure in CloudFormation's words.
var onFailure = map[config.OnFailure]types.OnFailure{
	config.Keep:     types.OnFailureDoNothing,
	config.Delete:   types.OnFailureDelete,
	config.Rollback: types.OnFailureRollback,
}
