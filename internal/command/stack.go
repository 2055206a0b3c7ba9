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
	"pr-stack/internal/report"
	"pr-stack/internal/template"
)

// defaultLimit is how long CloudFormation may take unless timeout-in-minutes says otherwise. A first stack takes five to
// eight minutes; a service that never settles would take CloudFormation three hours.
const defaultLimit = 30 * time.Minute

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
	tags := e.config.Environment.Tags(e.config.Repository, e.config.Commit).Map()
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
			} else if err := e.roomFor(ctx, e.config.StackName); err != nil {
				return err // others have come since that was looked at
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
