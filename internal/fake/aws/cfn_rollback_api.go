package aws

import (
	"fmt"
	"net/url"
)

// rollbackStack brings a stack back that was left as it failed.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
func (a *AWS) rollbackStack(form url.Values) (any, error) {
	s := a.stack(form.Get("StackName"))
	if s == nil {
		return nil, invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	switch s.status {
	case "CREATE_FAILED":
		o := a.begin(s, form.Get("ClientRequestToken"))
		a.setStatus(s, "ROLLBACK_IN_PROGRESS", "User Initiated")
		o.removeAll("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
		return stackID{s.id, o.id}, nil
	case "UPDATE_FAILED":
		o := a.resume(s, form.Get("ClientRequestToken"))
		o.rollBack("User Initiated")
		return stackID{s.id, o.id}, nil
	}
	return nil, invalid(fmt.Sprintf("Stack:%s is in %s state and can not be rolled back.", s.id, s.status))
}

// continueUpdateRollback tries again what a rollback could not bring back, but for what it is told to skip.
func (a *AWS) continueUpdateRollback(form url.Values) (any, error) {
	s := a.stack(form.Get("StackName"))
	if s == nil {
		return nil, invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	if s.status != "UPDATE_ROLLBACK_FAILED" {
		return nil, invalid(fmt.Sprintf("Stack:%s is in %s state and can not continue rollback.", s.id, s.status))
	}
	o := a.resume(s, form.Get("ClientRequestToken"))
	for _, id := range members(form, "ResourcesToSkip") {
		delete(o.changed, id)
	}
	o.rollBack("")
	return nil, nil
}
