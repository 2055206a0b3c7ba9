package command

import (
	"context"
	"errors"
	"maps"

	sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/permissions"
	"pr-stack/internal/rollout"
	"pr-stack/internal/route53"
	"pr-stack/internal/template"
)

// errNotOurs means that the stack belongs to somebody else, so that its outputs must not be
// published.
var errNotOurs = errors.New("the stack is not this service's")

// planBase plans the base stack. It changes nothing.
func planBase(ctx context.Context, job config.Bootstrap, with bootstrapClients) (plannedStack, error) {
	// A parameter that is not given again keeps its value. With the defaults of the zones, for example,
	// the subnets would be replaced.
	before, err := with.rollout.Parameters(ctx, job.BaseStack)
	if err != nil {
		return plannedStack{}, err
	}
	users := maps.Clone(job.ParameterOverrides)
	delete(users, permissions.EnvironmentParameter) // of the stack of the roles
	values := rollout.Values{Base: before, Ours: baseParameters(job), Users: users}
	plan, err := with.rollout.Plan(ctx, cfn.Template{Body: template.Base}, values, nil)
	if err == nil {
		err = checkPromoteBy(plan.Parameters)
	}
	if err == nil {
		err = completeDomain(ctx, plan.Parameters, before, job.ParameterOverrides, with.route53)
	}
	if err != nil {
		return plannedStack{}, err
	}
	tags := environment.BaseTags(job.Service)
	maps.Copy(tags, job.Tags)
	base := plannedStack{spec: rollout.Spec{
		Name: job.BaseStack, Plan: plan, Tags: tags, RoleARN: job.RoleARN, Timeout: job.Timeout, OnFailure: onFailure[job.OnFailure],
	}}
	base.spec.Allow = func(_ context.Context, stack cfn.Stack) error { return checkBaseOwner(job.Service, stack) }
	base.preview, err = with.rollout.Preview(ctx, base.spec)
	return base, err
}

// completeDomain finds the hosted zone of a domain, unless the user names the zone or the domain has not
// changed.
func completeDomain(ctx context.Context, p, before, users map[string]string, api *sdk.Client) error {
	domain := p["Domain"]
	switch {
	case p["SharedLoadBalancer"] == "true" && domain == "":
		return hint.New("set domain to one such as preview.example.com, in a hosted zone of the account",
			"a shared load balancer needs a domain: it tells environments apart by their host names")
	case domain == "", users["HostedZoneId"] != "", before["HostedZoneId"] != "" && before["Domain"] == domain:
		return nil
	}
	id, err := route53.FindZone(ctx, api, domain)
	if err != nil {
		return hint.Wrap(err, "create a public hosted zone in the account, or name one with HostedZoneId=ID in parameter-overrides")
	}
	p["HostedZoneId"] = id
	return nil
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

// apply deploys the stack, unless nothing would change. It makes only the changes that were shown: if
// another run has changed the stack since, apply returns an error.
func (p plannedStack) apply(ctx context.Context, with bootstrapClients) (rollout.Applied, error) {
	if !p.preview.Differs {
		return rollout.Applied{Stack: p.preview.Stack, Outcome: cfn.Unchanged}, nil
	}
	allow, first := p.spec.Allow, true
	p.spec.Allow = func(ctx context.Context, stack cfn.Stack) error {
		if seen := p.preview.Stack; first && (stack.ID != seen.ID || !stack.Changed.Equal(seen.Changed)) {
			return hint.New("run bootstrap again", "stack %s was changed by another run, or by hand, after its changes were shown", p.spec.Name)
		}
		first = false // later changes are our own
		return allow(ctx, stack)
	}
	return with.rollout.Apply(ctx, p.spec)
}
