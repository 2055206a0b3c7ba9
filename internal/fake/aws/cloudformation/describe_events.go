package cloudformation

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// describedOperation is one of DescribeEvents' events.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html
type describedOperation struct {
	describedEvent
	Kind                  string `xml:"EventType"`
	ValidationName        string `xml:",omitempty"`
	ValidationStatus      string `xml:",omitempty"`
	ValidationReason      string `xml:"ValidationStatusReason,omitempty"`
	ValidationPath        string `xml:",omitempty"`
	ValidationFailureMode string `xml:",omitempty"`
}

// describeEvents returns the events of one operation or of one stack, newest first; with a filter,
// only failures.
func (c *Engine) describeEvents(form url.Values) (any, error) {
	id, name := form.Get("OperationId"), form.Get("StackName")
	if id == "" && name == "" {
		return nil, wire.Invalid("One of ChangeSetName, OperationId or StackName must be specified")
	}
	var list []describedOperation
	for _, s := range c.stacks {
		if name != "" && c.readable(name) != s {
			continue
		}
		for _, e := range s.events {
			if id == "" || e.operation == id {
				list = append(list, describedOperation{describedEvent: c.describeEvent(s, e), Kind: eventType(e)})
			}
		}
		for i, r := range s.failedValidations {
			if id == "" || r.operation == id {
				list = append(list, describedOperation{
					describedEvent: describedEvent{
						StackID: s.id, StackName: s.name, ID: fmt.Sprintf("%s-validation-%d", r.operation, i), Time: wire.Timestamp(r.at),
						LogicalID: r.logicalID, Type: r.kind, Operation: r.operation,
					},
					Kind: "VALIDATION_ERROR", ValidationName: r.name, ValidationStatus: "FAILED", ValidationReason: r.reason,
					ValidationPath: "/Resources/" + r.logicalID, ValidationFailureMode: "FAIL",
				})
			}
		}
	}
	if name != "" && c.readable(name) == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", name))
	}
	if form.Get("Filters.FailedEvents") == "true" {
		list = slices.DeleteFunc(list, func(d describedOperation) bool {
			return !strings.HasSuffix(d.Kind, "_ERROR")
		})
	}
	slices.Reverse(list)
	var answer struct {
		Events    []describedOperation `xml:"OperationEvents>member"`
		NextToken string               `xml:",omitempty"`
	}
	answer.Events, answer.NextToken = wire.Page(list, form.Get("NextToken"), c.account.PageSize(100))
	return answer, nil
}

func eventType(e stackEvent) string {
	switch {
	case e.hook.HookStatus == "HOOK_COMPLETE_FAILED":
		return "HOOK_INVOCATION_ERROR"
	case strings.HasSuffix(e.status, "_FAILED") && e.kind != "AWS::CloudFormation::Stack":
		return "PROVISIONING_ERROR"
	}
	return "STACK_EVENT"
}
