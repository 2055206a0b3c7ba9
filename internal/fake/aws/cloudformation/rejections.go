package cloudformation

import (
	"errors"
	"fmt"
	"time"
)

// rejection is a reason for which a resource is rejected before it is created or changed.
type rejection struct{ stackName, logicalID, name, reason string }

// hookEvent is the part of an event that is about a hook.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
type hookEvent struct {
	HookType            string `xml:",omitempty"`
	HookStatus          string `xml:",omitempty"`
	HookStatusReason    string `xml:",omitempty"`
	HookInvocationPoint string `xml:",omitempty"`
	HookFailureMode     string `xml:",omitempty"`
}

// failedValidation is a validation that failed, as DescribeEvents shows it.
type failedValidation struct {
	rejection
	operation, kind string
	at              time.Time
}

// FailHook makes a hook of the account reject a resource, in every stack of that name from now on.
func (c *Engine) FailHook(stackName, logicalID, hookType, reason string) {
	c.account.Lock()
	defer c.account.Unlock()
	c.hooks = append(c.hooks, &rejection{stackName, logicalID, hookType, reason})
}

// FailValidation makes CloudFormation reject a resource before it begins with a stack of that name.
// The name is that of the validation, such as ResourceExistenceCheck.
func (c *Engine) FailValidation(stackName, logicalID, name, reason string) {
	c.account.Lock()
	defer c.account.Unlock()
	c.validations = append(c.validations, &rejection{stackName, logicalID, name, reason})
}

func (c *Engine) hook(stackName, logicalID string) *rejection {
	for _, h := range c.hooks {
		if h.stackName == stackName && h.logicalID == logicalID {
			return h
		}
	}
	return nil
}

// rejectByHook fails a resource because of a hook. The hook's own message is in an event before the
// failure, not in the failure itself (aws-cdk#21674).
func (o *operation) rejectByHook(r *Resource, verb string, h *rejection, done func(error)) {
	hook := hookEvent{HookType: h.name, HookStatus: "HOOK_IN_PROGRESS", HookInvocationPoint: "PRE_PROVISION", HookFailureMode: "FAIL"}
	event := stackEvent{
		id: r.LogicalID + "-" + o.engine.account.UUID(), logicalID: r.LogicalID, kind: r.Type, status: verb + "_IN_PROGRESS", hook: hook,
	}
	o.engine.record(o.stack, event)
	o.later(2*time.Second, func() {
		event.id = r.LogicalID + "-" + o.engine.account.UUID()
		event.hook.HookStatus, event.hook.HookStatusReason = "HOOK_COMPLETE_FAILED", "Hook failed with message: "+h.reason
		o.engine.record(o.stack, event)
	})
	o.failLater(2100*time.Millisecond, r, verb, errors.New("The following hook(s) failed: ["+h.name+"]"), done)
}

// rejected ends an operation before its first resource if a validation fails, and reports whether
// one did. The wording is that of a change set (aws-cdk-cli#1000); that a direct call fails in the
// same way is inferred.
func (o *operation) rejected(rollBack func(reason string)) bool {
	var found *failedValidation
	for _, c := range o.engine.validations {
		if c.stackName == o.stack.name {
			found = &failedValidation{
				rejection: *c, operation: o.id, at: o.engine.account.Now(),
				kind: o.stack.settings.template.Resources[c.logicalID].Type,
			}
			o.stack.failedValidations = append(o.stack.failedValidations, *found)
		}
	}
	if found == nil {
		return false
	}
	rollBack(fmt.Sprintf("The following hook(s)/validation failed: [AWS::EarlyValidation::%s]. "+
		"To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information. ", found.name))
	return true
}
