package account

import (
	"fmt"
	"maps"
)

// Access is one action on one resource, with the values that a policy's conditions may check.
type Access struct {
	Action   string            // SERVICE:OPERATION, such as ecs:UpdateService
	Resource string            // an ARN, or "*" if the action is on no particular resource
	Context  map[string]string // by condition key, such as iam:PassedToService or aws:ResourceTag/KEY
}

// With returns the access with one more value in its context.
func (a Access) With(key, value string) Access {
	a.Context = maps.Clone(a.Context)
	if a.Context == nil {
		a.Context = map[string]string{}
	}
	a.Context[key] = value
	return a
}

// Principal is a caller: a session of a role, with the role's permissions. A nil Principal is an
// administrator, who may do everything.
type Principal struct {
	ARN string // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	// Decide evaluates the principal's policies.
	Decide func(Access) Decision
	via    string // the service that makes the calls on the principal's behalf; "" if it makes them itself
}

// Decision is the result of evaluating policies.
type Decision int

// The decisions. Without a statement that allows it, an access is denied implicitly.
const (
	ImplicitDeny Decision = iota
	ExplicitDeny
	Allow
)

// Via returns the principal for calls that a service makes on its behalf, with its rights. The condition
// key aws:CalledVia has the service.
func (p *Principal) Via(service string) *Principal {
	if p == nil {
		return nil
	}
	through := *p
	through.via = service
	return &through
}

// Check returns nil if the principal may do that, and otherwise a *Denied.
func (p *Principal) Check(a Access) error {
	if p == nil || p.Decide == nil {
		return nil
	}
	if p.via != "" {
		a = a.With("aws:CalledVia", p.via)
	}
	switch p.Decide(a) {
	case Allow:
		return nil
	case ExplicitDeny:
		return &Denied{Principal: p.ARN, Access: a, Explicit: true}
	default:
		return &Denied{Principal: p.ARN, Access: a}
	}
}

// Denied is an access that a principal's policies do not allow. Its text is the one that most services
// use; those that word it differently do so from its fields.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type Denied struct {
	Principal string
	Access    Access
	Explicit  bool // a statement denies it; otherwise no statement allows it
}

func (d *Denied) Error() string {
	text := fmt.Sprintf("User: %s is not authorized to perform: %s", d.Principal, d.Access.Action)
	if d.Access.Resource != "*" {
		text += " on resource: " + d.Access.Resource
	}
	if d.Explicit {
		return text + " with an explicit deny in an identity-based policy"
	}
	return text + " because no identity-based policy allows the " + d.Access.Action + " action"
}
