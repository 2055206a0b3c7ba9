package command

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/github"
	"pr-stack/internal/price"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
)

// bootstrapClients is what bootstrap works with.
type bootstrapClients struct {
	run        report.Run // what is certain about the run
	log        *runner.Log
	stacks     *cfn.Client
	rollout    rollout.Clients
	aws        aws.Config // for the base stack's bucket
	iam        *iam.Client
	route53    *route53.Client
	repository func(ctx context.Context, name string) (github.Repository, error)
	terminal   io.Reader // of a person who can be asked; nil if there is none
}

// bootstrap creates or updates what all environments of a service share: the base stack, and the stack
// with the roles of the repository's jobs. It first shows what it will change, and asks. It needs more
// permissions than a pull request's job and is meant to be run by a person, from a laptop or by hand
// from a workflow.
func bootstrap(ctx context.Context, job config.Bootstrap, with bootstrapClients) (*report.Bootstrap, error) {
	result := &report.Bootstrap{Run: with.run, Stack: report.Stack{Name: job.BaseStack}}
	err := bootstrapInto(ctx, result, job, with)
	if err != nil && ctx.Err() != nil {
		_, err = with.rollout.Interrupted(ctx, job.BaseStack, err, "run bootstrap again to continue from there")
	}
	return result, err
}

// bootstrapInto does the work of bootstrap, and completes the result step by step.
func bootstrapInto(ctx context.Context, result *report.Bootstrap, job config.Bootstrap, with bootstrapClients) error {
	base, err := planBase(ctx, job, with)
	show(result, base.preview.Stack, err)
	if err != nil {
		return err
	}
	roles, err := planRoles(ctx, job, base, with)
	if err != nil {
		return err
	}
	result.Plan = append(base.shown(), roles.shown(base)...)
	result.Source, result.Branch = roles.source, roles.trust.Branch
	result.Idle = idlePrice(base.spec.Plan)
	showPlan(result, with.log)
	if result.Status = report.Unchanged; base.preview.Differs || roles.preview.Differs {
		agreed, err := agree(ctx, job, base, result, with)
		if err != nil || !agreed {
			return err
		}
	}
	up, err := base.apply(ctx, with)
	show(result, up.Stack, err)
	if err != nil {
		return err
	}
	made, err := roles.apply(ctx, job, up.Stack, with)
	if err != nil {
		return err
	}
	result.Ending, result.Status = report.Up, report.Status(up.Outcome)
	if up.Outcome == cfn.Unchanged {
		result.Status = report.Status(made.Outcome)
	}
	result.Roles = madeRoles(made.Stack)
	if len(result.Roles) == 0 {
		result.Policies, err = policies(job.Service, up.Stack)
	}
	showEnd(result, with.log)
	return err
}

// show completes the result with what is known of the base stack, unless it is somebody else's: its
// outputs must not be published.
func show(result *report.Bootstrap, stack cfn.Stack, err error) {
	if !errors.Is(err, errNotOurs) && stack.ID != "" {
		result.Stack.ID, result.Stack.Outputs, result.Stack.Created = stack.ID, stack.Outputs, stack.Created
	}
}

// idlePrice returns what the base stack costs while no environment runs, nil if that is not known.
func idlePrice(plan rollout.Plan) *price.Estimate {
	estimate, err := price.Of(template.Base, plan.Parameters)
	if err != nil {
		return nil
	}
	return &estimate
}

// showEnd logs what was created and what to do next.
func showEnd(result *report.Bootstrap, log *runner.Log) {
	for _, name := range slices.Sorted(maps.Keys(result.Stack.Outputs)) {
		log.Line("  %s = %s", name, result.Stack.Outputs[name])
	}
	log.Line("%s", result.Price())
	if len(result.Policies) > 0 {
		log.Line("%s", report.PoliciesNote)
	}
	for _, p := range result.Policies {
		log.Group("IAM policy of the role " + p.Role + ", for " + p.For)
		log.Line("%s", p.JSON)
		log.EndGroup()
	}
	if then := result.Production(); then != "" {
		log.Line("%s", then)
	}
	if len(result.Roles) == 0 {
		return
	}
	log.Group("Put the roles into the repository's variables (Settings, Secrets and variables, Actions, Variables)")
	for _, command := range result.Variables() {
		log.Line("  %s", command)
	}
	log.EndGroup()
	for _, w := range result.Workflows() {
		log.Group(w.Title)
		log.Line("%s", w.Text)
		log.EndGroup()
	}
}

// onFailure is the input on-failure in CloudFormation's words.
var onFailure = map[config.OnFailure]types.OnFailure{
	config.KeepFailed:     types.OnFailureDoNothing,
	config.DeleteFailed:   types.OnFailureDelete,
	config.RollbackFailed: types.OnFailureRollback,
}
