package cloudformation

import (
	"fmt"
	"net/url"

	"pr-stack/internal/fake/aws/internal/wire"
)

// rollbackStack rolls back a stack whose failed operation was not rolled back.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
func (c *Engine) rollbackStack(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	by, err := c.caller(form, s)
	if err != nil {
		return nil, err
	}
	switch s.status {
	case "CREATE_FAILED":
		o := c.begin(s, by)
		c.setStatus(s, "ROLLBACK_IN_PROGRESS", "User Initiated")
		o.removeAll("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
		return stackID{s.id, o.id}, nil
	case "UPDATE_FAILED":
		o := c.resume(s, by)
		o.rollBack("User Initiated")
		return stackID{s.id, o.id}, nil
	}
	return nil, wire.Invalid(fmt.Sprintf("Stack:%s is in %s state and can not be rolled back.", s.id, s.status))
}

// continueUpdateRollback retries a failed rollback, except for the resources to skip.
func (c *Engine) continueUpdateRollback(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	if s.status != "UPDATE_ROLLBACK_FAILED" {
		return nil, wire.Invalid(fmt.Sprintf("Stack:%s is in %s state and can not continue rollback.", s.id, s.status))
	}
	by, err := c.caller(form, s)
	if err != nil {
		return nil, err
	}
	o := c.resume(s, by)
	for _, id := range wire.Members(form, "ResourcesToSkip") {
		delete(o.changed, id)
	}
	o.rollBack("")
	return nil, nil
}
