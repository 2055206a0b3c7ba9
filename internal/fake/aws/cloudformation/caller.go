package cloudformation

import (
	"fmt"
	"net/url"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// caller is who asked for an operation, and how its events name it.
type caller struct {
	token string // ClientRequestToken; "" if the call had none
	// principal has the rights of the operation until its end, also of a rollback that it ends in. What
	// AWS does if the caller's session expires before that is not documented.
	principal *account.Principal
}

// caller returns who makes a call. If the call names a role, or the stack has one, the operation
// has the role's rights and none of the caller's.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
func (c *Engine) caller(form url.Values, s *stack) (caller, error) {
	role := form.Get("RoleARN")
	if role == "" && s != nil {
		role = s.settings.roleARN
	}
	principal, err := c.principal(role)
	return caller{token: form.Get("ClientRequestToken"), principal: principal}, err
}

func (c *Engine) principal(role string) (*account.Principal, error) {
	if role == "" {
		return c.account.Caller.Via("cloudformation.amazonaws.com"), nil
	}
	invalid := wire.Invalid(fmt.Sprintf("Role %s is invalid or cannot be assumed", role))
	if strings.Contains(role, "not-assumable") {
		return nil, invalid
	}
	if c.account.ServiceRole == nil {
		return nil, nil
	}
	principal, err := c.account.ServiceRole(role, "cloudformation.amazonaws.com")
	if err != nil {
		return nil, invalid
	}
	return principal, nil
}

// Principal returns the principal with whose rights the operation on the resource runs.
func (r *Resource) Principal() *account.Principal { return r.caller().principal }

// caller returns the caller of the operation on the resource's stack.
func (r *Resource) caller() caller {
	if r.stack.operation == nil {
		return caller{}
	}
	return r.stack.operation.caller
}
