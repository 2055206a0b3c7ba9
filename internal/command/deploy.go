package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
	"pr-stack/internal/template"
)

// defaultLimit is how long CloudFormation may take unless timeout-in-minutes says otherwise. A first stack takes five to
// eight minutes; a service that never settles would take CloudFormation three hours.
const defaultLimit = 30 * time.Minute

// deploy gives the environment the commit at hand: image, stack, and the proof that what answers is the new code.
func deploy(ctx context.Context, e *edges) (report.Result, error) {
	result := known(e.config)
	phases := phases{log: e.log}
	err := e.deploy(ctx, &result, &phases)
	// A run that fails because another is at work on the same stack has nothing to tell but that.
	if _, ok := errors.AsType[*overtaken](err); err != nil && !ok && ctx.Err() == nil {
		if late := e.stillWanted(ctx); late != nil {
			e.log.line("%s", brief(err))
			err = late
		}
	}
	if o, ok := errors.AsType[*overtaken](err); ok {
		err = e.standDown(ctx, &result, &phases, o)
	}
	result.Phases = phases.list
	return result, err
}

func (e *edges) deploy(ctx context.Context, result *report.Result, phases *phases) error {
	if err := e.excluded(ctx); err != nil {
		return err
	}
	boundary, err := e.boundary(ctx)
	if err != nil {
		return err
	}
	// What can be found wrong in a second is found before minutes go into a build.
	plan, err := e.plan(ctx, boundary)
	if err != nil {
		return err
	}
	if err := e.mayTouch(ctx, result.StackName); err != nil {
		return err
	}
	if err := e.stillWanted(ctx); err != nil {
		return err
	}
	image, err := e.image(ctx, boundary, phases)
	if err != nil {
		return err
	}
	result.Image, result.ImageDigest = image.ref, image.digest

	for range attempts {
		err = e.bringUp(ctx, result, phases, plan, image)
		if _, ours := errors.AsType[*cfn.FailedError](err); err == nil || ours || !e.undone(ctx, result.StackID, err) {
			break
		}
		e.log.line("Stack %s was changed or deleted meanwhile, by another run or by hand: it is brought up again.", result.StackName)
	}
	if err != nil {
		return err
	}
	asked := time.Now()
	if err := e.stillWanted(ctx); err != nil {
		return err
	}
	if time.Since(asked) > staleAfter {
		_, err = e.ready(ctx, result.StackID, image, result.URL)
	}
	return err
}

// attempts is how often a stack is brought up that others change.
const attempts = 3

// bringUp deploys the stack and waits until the new code answers.
func (e *edges) bringUp(ctx context.Context, result *report.Result, phases *phases, plan plan, image image) error {
	own := e.own(image.ref)
	err := phases.run("Deploy stack "+result.StackName, func() (string, error) {
		stack, outcome, err := e.deployStack(ctx, plan, own)
		result.StackID, result.StackOutputs = stack.ID, stack.Outputs
		result.Status = report.Status(outcome)
		return string(outcome), err
	})
	if err != nil {
		return err
	}
	result.URL, _ = template.URL(result.StackOutputs)
	return phases.run("Wait until the new code answers", func() (string, error) {
		digest, err := e.ready(ctx, result.StackID, image, result.URL)
		if digest != "" {
			result.ImageDigest = digest
		}
		if err == nil {
			e.log.line("  a task runs %s, it is healthy, and the URL answers", image.ref)
		}
		if errors.Is(err, errNotReady) {
			err = e.examineReadiness(ctx, result.StackID, err)
		}
		return result.URL, err
	})
}

// undone tells whether the stack is not any more what this run made of it: deleted, or another commit's. What is in it
// tells sooner than the stack, of which a read may be old.
func (e *edges) undone(ctx context.Context, stackID string, err error) bool {
	if stackID == "" || ctx.Err() != nil {
		return false
	}
	if errors.Is(err, ecs.ErrGone) || errors.Is(err, elb.ErrGone) || errors.Is(err, errUndone) {
		return true
	}
	stack, err := e.stacks.Describe(ctx, stackID)
	switch {
	case notFound(err):
		return true
	case err != nil:
		return false
	case stack.Status == types.StackStatusDeleteInProgress, stack.Status == types.StackStatusDeleteComplete:
		return true
	}
	return e.config.Commit != "" && stack.Tags[environment.TagCommit] != e.config.Commit
}

// boundary returns the base stack's outputs: all that a service stack may know about the outside.
func (e *edges) boundary(ctx context.Context) (map[string]string, error) {
	base, err := e.stacks.Describe(ctx, e.config.BaseStack)
	if notFound(err) {
		return nil, &explained{
			message: fmt.Sprintf("read base stack %s: it does not exist in %s", e.config.BaseStack, e.region),
			hint:    "run command: bootstrap once for this service and region, or set base-stack to the one to use",
			cause:   err,
		}
	}
	return base.Outputs, err
}

// plan is what the service stack is to be, but for its image.
type plan struct {
	body         string
	declared     []template.Parameter
	capabilities []string
	boundary     map[string]string
}

// plan reads the template and makes sure that every parameter will have a value.
func (e *edges) plan(ctx context.Context, boundary map[string]string) (plan, error) {
	body, err := e.template()
	if err != nil {
		return plan{}, err
	}
	summary, err := e.stacks.Summarize(ctx, body)
	if err != nil {
		return plan{}, &explained{message: brief(err), hint: "correct the template; cfn-lint finds most such faults before they get here", cause: err}
	}
	p := plan{body: body, capabilities: e.config.Capabilities, boundary: boundary}
	if len(p.capabilities) == 0 {
		p.capabilities = summary.Capabilities
	}
	for _, parameter := range summary.Parameters {
		p.declared = append(p.declared, template.Parameter{Name: parameter.Name, HasDefault: parameter.HasDefault})
	}
	_, err = template.Parameters(p.declared, boundary, e.own("to be built"), e.config.ParameterOverrides)
	return p, err
}

// own is what the action itself gives to a template's parameters, by their names.
func (e *edges) own(image string) map[string]string {
	return map[string]string{
		"Service":         e.config.Environment.Service,
		"Environment":     e.config.Environment.Name,
		"ImageUri":        image,
		"HealthCheckPath": e.config.HealthCheckPath,
	}
}

// mayTouch refuses a stack of that name that belongs to somebody else, or to another environment.
func (e *edges) mayTouch(ctx context.Context, name string) error {
	stack, err := e.stacks.Describe(ctx, name)
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return e.owns(stack)
}

func (e *edges) owns(stack cfn.Stack) error {
	if err := e.config.Environment.Owns(stack.Tags); err != nil {
		return &explained{
			message: fmt.Sprintf("stack %s is not this environment's: %s", stack.Name, err),
			hint:    "set stack-name or service to a name that is free",
		}
	}
	return nil
}

func (e *edges) deployStack(ctx context.Context, p plan, own map[string]string) (cfn.Stack, cfn.Outcome, error) {
	parameters, err := template.Parameters(p.declared, p.boundary, own, e.config.ParameterOverrides)
	if err != nil {
		return cfn.Stack{}, "", err
	}
	tags := e.config.Environment.Tags(e.config.Repository, e.config.Commit)
	maps.Copy(tags, e.config.Tags) // config refuses keys of ours among the user's
	return e.applyStack(ctx, cfn.Deployment{
		StackName:    e.config.StackName,
		Template:     p.body,
		Parameters:   parameters,
		Tags:         tags,
		Capabilities: p.capabilities,
		OnFailure:    afterFailure[e.config.OnFailure],
		Disposable:   e.config.Environment.PullRequest > 0,
		Allow: func(ctx context.Context, stack cfn.Stack) error {
			if stack.ID != "" {
				if err := e.owns(stack); err != nil {
					return err
				}
			}
			return e.stillWanted(ctx)
		},
	})
}

// afterFailure is on-failure in CloudFormation's words.
var afterFailure = map[config.OnFailure]types.OnFailure{
	config.Keep:     types.OnFailureDoNothing,
	config.Delete:   types.OnFailureDelete,
	config.Rollback: types.OnFailureRollback,
}

// applyStack deploys a stack within the time that the user grants CloudFormation, and finds out why if that fails.
func (e *edges) applyStack(ctx context.Context, d cfn.Deployment) (cfn.Stack, cfn.Outcome, error) {
	limit := e.config.Timeout
	if limit == 0 {
		limit = defaultLimit
	}
	d.RoleARN, d.CreateTimeout = e.config.RoleARN, e.config.Timeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &explained{
		message: fmt.Sprintf("deploy stack %s: not at rest after %s", d.StackName, report.Duration(limit)),
		hint:    "CloudFormation goes on with it: run the job again, or raise timeout-in-minutes",
	})
	defer cancel()
	watch, allow := &lookout{edges: e}, d.Allow
	d.Allow = func(ctx context.Context, stack cfn.Stack) error {
		if err := allow(ctx, stack); err != nil {
			return err
		}
		watch.note(ctx, stack)
		return nil
	}
	d.Hopeless = watch.hopeless
	var finding diagnosis.Finding
	d.Failed = func(ctx context.Context, failed *cfn.FailedError) { finding = e.examine(ctx, failed) }
	stack, outcome, err := e.stacks.Deploy(ctx, d)
	if _, ok := errors.AsType[*cfn.FailedError](err); ok && finding.Message != "" {
		return stack, outcome, &unwell{finding: finding, cause: err}
	}
	if err != nil && ctx.Err() == nil && hint(err) == "" { // CloudFormation refused the call itself
		if h := diagnosis.Explain(diagnosis.Facts{Reason: errors.Unwrap(err).Error()}).Hint; h != "" {
			return stack, outcome, &explained{message: brief(err), hint: h, cause: err}
		}
	}
	var late *explained
	if pending := e.events.pending(); pending != "" && errors.As(err, &late) && errors.Is(err, context.Cause(ctx)) {
		return stack, outcome, &explained{message: late.message + "; still in progress: " + pending, hint: late.hint}
	}
	return stack, outcome, err
}

// template returns the body of the service stack's template.
func (e *edges) template() (string, error) {
	if e.config.Template.Path != "" {
		return template.ReadFile(e.config.Template.Path)
	}
	return template.Fargate, nil
}
