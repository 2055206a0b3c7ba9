package cfn

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// isCause reports whether an event says that something failed by itself. A resource that
// CloudFormation cancels because something else failed is not a cause. The stack's own event is not
// a cause either: it only lists the resources that failed.
func isCause(e Event) bool {
	return e.Failed() && !e.OfStack() && !strings.HasSuffix(e.Reason, " cancelled")
}

// failures returns the events that are causes, oldest first.
func failures(events []Event) []Event {
	var list []Event
	for _, e := range events {
		if isCause(e) {
			list = append(list, e)
		}
	}
	return list
}

func first(events []Event) Event {
	if len(events) == 0 {
		return Event{}
	}
	return events[0]
}

// explain returns the failure of an operation, with its first cause: an event of the operation, a
// late event, an event of a nested stack, or what CloudFormation found before it touched any
// resource.
func (c *Client) explain(ctx context.Context, o operation, events []Event) *FailedError {
	failed := &FailedError{Operation: o.kind, Stack: o.stack}
	if stack, err := c.Describe(ctx, o.stack.ID); err == nil {
		failed.Stack = stack
	}
	for _, e := range events {
		if e.OfStack() && !succeeding(types.StackStatus(e.Status)) && e.Reason != "" {
			failed.Stack.Status, failed.Stack.StatusReason = types.StackStatus(e.Status), e.Reason
		}
	}
	failed.All = failures(events)
	// The stack's own event may come before the event of the cause.
	for round := range poll.Every(ctx, 500*time.Millisecond) {
		if len(failed.All) > 0 || round == 3 || strings.Contains(failed.Stack.StatusReason, "validation failed") {
			break
		}
		failed.All = c.failuresOf(ctx, o.stack.ID, o.token)
	}
	if len(failed.All) == 0 {
		failed.Cause = c.validationError(ctx, o)
		return failed
	}
	failed.Cause = withHook(c.nestedCause(ctx, failed.All[0]), events)
	return failed
}

// failuresOf reads the causes from the events of one operation; if token is "", of the last creation or
// update.
func (c *Client) failuresOf(ctx context.Context, stackID, token string) []Event {
	var events []Event
	pages := cloudformation.NewDescribeStackEventsPaginator(c.API, &cloudformation.DescribeStackEventsInput{StackName: &stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			break // use the events that were read before
		}
		for _, e := range page.StackEvents {
			if token == "" || aws.ToString(e.ClientRequestToken) == token {
				events = append([]Event{toEvent(e)}, events...)
			}
		}
	}
	if token == "" {
		events = events[lastBegun(events):]
	}
	return failures(events)
}

// lastBegun returns the index of the event with which the last creation or update began.
func lastBegun(events []Event) int {
	for i, e := range slices.Backward(events) {
		if e.OfStack() && (e.Status == types.ResourceStatusCreateInProgress || e.Status == types.ResourceStatusUpdateInProgress) {
			return i
		}
	}
	return 0
}

// maxNesting limits how many levels of nested stacks are followed; CloudFormation itself sets no
// limit.
const maxNesting = 5

// nestedCause returns the cause inside a nested stack that failed, or e if there is none. The
// events of the outer stack say only that the nested stack failed: "Embedded stack … was not successfully
// updated". Any other reason says why the nested stack was not touched.
func (c *Client) nestedCause(ctx context.Context, e Event) Event {
	for range maxNesting {
		isEmbedded := e.Reason == "" || strings.Contains(e.Reason, "Embedded stack")
		if e.Type != "AWS::CloudFormation::Stack" || !isEmbedded || !strings.Contains(e.PhysicalID, ":stack/") {
			return e
		}
		inner := c.failuresOf(ctx, e.PhysicalID, "")
		if len(inner) == 0 {
			return e
		}
		e = inner[0]
	}
	return e
}

// withHook adds a hook's message to the failure of the resource that the hook refused. The message
// is in an earlier event.
func withHook(e Event, events []Event) Event {
	for _, other := range events {
		if other.Hook != "" && other.LogicalID == e.LogicalID && strings.Contains(e.Reason, "hook(s) failed") {
			e.Reason = strings.TrimSpace(e.Reason) + ": " + other.Hook
		}
	}
	return e
}

// validationError returns what failed before any resource was touched: a validation, or a hook on
// the whole stack. The stack's events do not contain this failure (aws-cdk-cli#1000). If
// DescribeEvents does not return it either, the result is the zero Event.
func (c *Client) validationError(ctx context.Context, o operation) Event {
	input := &cloudformation.DescribeEventsInput{Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}}
	if o.id != "" {
		input.OperationId = &o.id
	} else {
		input.StackName = &o.stack.ID
	}
	answer, err := c.API.DescribeEvents(ctx, input)
	if err != nil {
		return Event{} // an older IAM policy does not grant DescribeEvents
	}
	for _, e := range answer.OperationEvents {
		reason := aws.ToString(e.ValidationStatusReason)
		if e.EventType == types.EventTypeHookInvocationError {
			reason = aws.ToString(e.HookType) + ": " + aws.ToString(e.HookStatusReason)
		}
		if strings.Trim(reason, ": ") == "" {
			continue
		}
		return Event{
			ID: aws.ToString(e.EventId), Time: aws.ToTime(e.Timestamp), StackID: aws.ToString(e.StackId),
			LogicalID: aws.ToString(e.LogicalResourceId), Type: aws.ToString(e.ResourceType), Reason: reason,
			Status: types.ResourceStatusCreateFailed,
		}
	}
	return Event{}
}
