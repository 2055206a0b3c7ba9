package aws

import (
	"errors"
	"fmt"
	"time"
)

// objection is something that stands in a resource's way before it is touched.
type objection struct{ stackName, logicalID, name, reason string }

// hookEvent is what an event says of a hook. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
type hookEvent struct {
	HookType            string `xml:",omitempty"`
	HookStatus          string `xml:",omitempty"`
	HookStatusReason    string `xml:",omitempty"`
	HookInvocationPoint string `xml:",omitempty"`
	HookFailureMode     string `xml:",omitempty"`
}

// refusal is a validation that failed, as DescribeEvents tells of it.
type refusal struct {
	objection
	operation, kind string
	at              time.Time
}

// FailHook makes a hook of the account refuse a resource, in every stack of that name from now on.
func (a *AWS) FailHook(stackName, logicalID, hookType, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hooks = append(a.hooks, &objection{stackName, logicalID, hookType, reason})
}

// FailValidation makes CloudFormation find a fault with a resource before it begins with a stack of that name. The name is
// that of the validation, such as ResourceExistenceCheck.
func (a *AWS) FailValidation(stackName, logicalID, name, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.checks = append(a.checks, &objection{stackName, logicalID, name, reason})
}

func (a *AWS) hook(stackName, logicalID string) *objection {
	for _, h := range a.hooks {
		if h.stackName == stackName && h.logicalID == logicalID {
			return h
		}
	}
	return nil
}

// refuse lets a hook object to a resource. The hook's own words are in an event before the failure, and not in it
// (aws-cdk#21674).
func (o *operation) refuse(r *resource, verb string, h *objection, done func(error)) {
	hook := hookEvent{HookType: h.name, HookStatus: "HOOK_IN_PROGRESS", HookInvocationPoint: "PRE_PROVISION", HookFailureMode: "FAIL"}
	told := stackEvent{id: r.LogicalID + "-" + o.a.uuid(), logicalID: r.LogicalID, kind: r.Type, status: verb + "_IN_PROGRESS", hook: hook}
	o.a.record(o.stack, told)
	o.later(2*time.Second, func() {
		told.id = r.LogicalID + "-" + o.a.uuid()
		told.hook.HookStatus, told.hook.HookStatusReason = "HOOK_COMPLETE_FAILED", "Hook failed with message: "+h.reason
		o.a.record(o.stack, told)
	})
	o.failLater(2100*time.Millisecond, r, verb, errors.New("The following hook(s) failed: ["+h.name+"]"), done)
}

// invalid ends an operation before its first resource if a validation fails, and tells whether one does. The wording is
// that of a change set (aws-cdk-cli#1000); that a direct call takes the same course is inferred.
func (o *operation) invalid(unwind func(reason string)) bool {
	var found *refusal
	for _, c := range o.a.checks {
		if c.stackName == o.stack.name {
			found = &refusal{objection: *c, operation: o.id, at: o.a.now, kind: o.stack.settings.template.Resources[c.logicalID].Type}
			o.stack.refused = append(o.stack.refused, *found)
		}
	}
	if found == nil {
		return false
	}
	unwind(fmt.Sprintf("The following hook(s)/validation failed: [AWS::EarlyValidation::%s]. "+
		"To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information. ", found.name))
	return true
}
