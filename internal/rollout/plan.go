package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"pr-stack/internal/cfn"
	"pr-stack/internal/hint"
	"pr-stack/internal/template"
)

// Base returns the base stack's outputs. A service stack may know nothing else that is outside it.
func (c Clients) Base(ctx context.Context, name, region string) (map[string]string, error) {
	base, err := c.stacks(nil).Describe(ctx, name)
	if errors.Is(err, cfn.ErrNotFound) {
		return nil, &hint.Error{
			Message: fmt.Sprintf("read base stack %s: it does not exist in %s", name, region),
			Hint:    "run command: bootstrap once for this service and region, or set base-stack to the one to use",
			Cause:   err,
		}
	}
	return base.Outputs, err
}

// Parameters returns the values with which a stack was last completed, or nil if it never was.
func (c Clients) Parameters(ctx context.Context, name string) (map[string]string, error) {
	stack, err := c.stacks(nil).Describe(ctx, name)
	switch {
	case errors.Is(err, cfn.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case len(stack.Outputs) == 0:
		return nil, nil
	}
	return stack.Parameters, nil
}

// Values are the sources of a template's parameter values. The user's values win over ours, and ours
// win over the base stack's outputs.
type Values struct {
	Base, Ours, Users map[string]string
}

// Plan is a template that CloudFormation accepts, with a value for each of its parameters.
type Plan struct {
	Template     cfn.Template
	Parameters   map[string]string
	Capabilities []string          // that a deployment must acknowledge
	TakesImage   bool              // the template declares the parameter ImageUri
	NoEcho       []string          // the parameters whose values must not be shown
	defaults     map[string]string // of all parameters that the template declares; "" if one has none

	mayHaveService bool // the template, or one nested in it, may have an ECS service
}

// Declares reports whether the template declares a parameter.
func (p Plan) Declares(name string) bool {
	_, declared := p.defaults[name]
	return declared
}

// value returns the value that a parameter has in the stack.
func (p Plan) value(name string) string {
	if value, given := p.Parameters[name]; given {
		return value
	}
	return p.defaults[name]
}

// Plan asks CloudFormation what a template declares, and fills in the parameters. If no capabilities
// are given, the plan has those that the template needs.
func (c Clients) Plan(ctx context.Context, t cfn.Template, values Values, capabilities []string) (Plan, error) {
	summary, err := c.stacks(nil).Summarize(ctx, t)
	if err != nil {
		return Plan{}, err
	}
	var declared []template.Parameter
	var noEcho []string
	defaults := map[string]string{}
	for _, p := range summary.Parameters {
		if p.NoEcho {
			noEcho = append(noEcho, p.Name)
		}
		defaults[p.Name] = p.Default
		declared = append(declared, template.Parameter{Name: p.Name, HasDefault: p.HasDefault})
	}
	parameters, err := template.Parameters(declared, values.Base, values.Ours, values.Users)
	if err != nil {
		return Plan{}, err
	}
	if len(capabilities) == 0 {
		capabilities = summary.Capabilities
	}
	return Plan{
		Template: t, Parameters: parameters, Capabilities: capabilities,
		TakesImage: summary.Declares(template.ImageParameter), NoEcho: noEcho, defaults: defaults,
		mayHaveService: summary.Has("AWS::ECS::Service") || summary.Has("AWS::CloudFormation::Stack"),
	}, nil
}

// ImageToCome stands for the image in a plan that is made before the image exists.
const ImageToCome = "to be built"

// WithImage returns the plan with the image in place of ImageToCome. It does not change an image
// that the user named in parameter-overrides.
func (p Plan) WithImage(image string) Plan {
	p.Parameters = maps.Clone(p.Parameters)
	if p.Parameters[template.ImageParameter] == ImageToCome {
		p.Parameters[template.ImageParameter] = image
	}
	if p.Parameters[template.OneOffImageParameter] == ImageToCome {
		p.Parameters[template.OneOffImageParameter] = cmp.Or(p.Image(), image)
	}
	return p
}

// With returns the plan with another value of a parameter.
func (p Plan) With(name, value string) Plan {
	p.Parameters = maps.Clone(p.Parameters)
	p.Parameters[name] = value
	return p
}

// Image returns the image that the stack will run, or "" if the template takes none.
func (p Plan) Image() string { return p.Parameters[template.ImageParameter] }
