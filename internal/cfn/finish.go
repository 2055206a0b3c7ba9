package cfn

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// finish follows a creation or an update. It returns the idle stack if that succeeds, and as soon as
// it is known if it does not.
func (c *Client) finish(ctx context.Context, d Deployment, o operation) (Stack, error) {
	var events []Event
	var last types.StackStatus
	failing := false
	err := c.watched(ctx, o.stack, d.Watch, func(ctx context.Context) error {
		for e, err := range c.follow(ctx, o.stack.ID, o.token) {
			if err != nil {
				return err
			}
			events = append(events, e)
			if e.OfStack() {
				last = types.StackStatus(e.Status)
			}
			if failing = isCause(e) || e.OfStack() && !succeeding(last); failing {
				return nil
			}
		}
		return nil
	})
	if aborted, ok := errors.AsType[*abortedError](err); ok {
		return c.abort(ctx, d, o, &FailedError{Operation: o.kind, Stack: o.stack, Stuck: aborted.why})
	}
	if err != nil {
		return o.stack, err
	}
	if !failing {
		stack, err := c.readAfter(ctx, o.stack.ID, last)
		if err != nil {
			return o.stack, err
		}
		if stack.Status == types.StackStatusCreateComplete || stack.Status == types.StackStatusUpdateComplete {
			return stack, nil
		}
		// No event of this operation showed it, so another run did it.
		if strings.HasPrefix(string(stack.Status), "DELETE_") {
			return stack, fmt.Errorf("%s stack %s: it was deleted meanwhile: %w", o.kind, stack.Name, ErrNotFound)
		}
		o.stack = stack
	}
	failed := c.explain(ctx, o, events)
	failed.NextStep = nextStep(d, o)
	d.explain(ctx, failed)
	return failed.Stack, failed
}

// abort does what has to be done about an operation that cannot succeed, without waiting for it.
func (c *Client) abort(ctx context.Context, d Deployment, o operation, failed *FailedError) (Stack, error) {
	failed.NextStep = nextStep(d, o)
	d.explain(ctx, failed)
	var err error
	switch failed.NextStep {
	case RollingBack:
		if o.kind == "update" {
			err = c.startCancel(ctx, o.stack)
		}
	case Deleting:
		_, err = c.startDelete(ctx, o.stack, types.DeletionModeStandard)
	}
	if err != nil && !errors.Is(err, ErrBusy) {
		c.logf("%s", message(err)) // why the operation cannot succeed is what gets reported
	}
	return o.stack, failed
}

func (d Deployment) explain(ctx context.Context, failed *FailedError) {
	if d.Watch != nil {
		failed.Explanation = d.Watch.Explain(ctx, failed)
	}
}

// succeeding reports whether a creation or an update may still succeed, or did.
func succeeding(status types.StackStatus) bool {
	switch status {
	case types.StackStatusCreateInProgress, types.StackStatusCreateComplete,
		types.StackStatusUpdateInProgress, types.StackStatusUpdateCompleteCleanupInProgress, types.StackStatusUpdateComplete:
		return true
	}
	return false
}

// NextStep is what happens to a stack after an operation on it has failed, while nobody waits for it.
type NextStep string

// The next steps.
const (
	RollingBack NextStep = "is being rolled back"
	Deleting    NextStep = "is being deleted"
	Kept        NextStep = "is kept for debugging; the next deployment replaces it"
)

func nextStep(d Deployment, o operation) NextStep {
	switch {
	case o.kind == "update":
		return RollingBack
	case d.OnFailure == types.OnFailureDelete:
		return Deleting
	case d.OnFailure == types.OnFailureDoNothing:
		return Kept
	}
	return RollingBack
}

// follow yields an operation's events, and passes each to OnEvent.
func (c *Client) follow(ctx context.Context, id, token string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for e, err := range c.read(ctx, id, token) {
			if err == nil && c.OnEvent != nil {
				c.OnEvent(e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// followToEnd follows an operation to its end, whatever that is, and returns its events and the
// stack.
func (c *Client) followToEnd(ctx context.Context, id, token string) (events []Event, stack Stack, err error) {
	var last types.StackStatus
	for e, err := range c.follow(ctx, id, token) {
		if err != nil {
			return events, Stack{}, err
		}
		events = append(events, e)
		if e.OfStack() {
			last = types.StackStatus(e.Status)
		}
	}
	stack, err = c.readAfter(ctx, id, last)
	return events, stack, err
}

// readAfter reads a stack after the event that made it idle. A read may be older than the event, so
// it is repeated, for a while, until it agrees with the event.
func (c *Client) readAfter(ctx context.Context, id string, status types.StackStatus) (Stack, error) {
	for round := range poll.Every(ctx, time.Second) {
		stack, err := c.waitIdle(ctx, id)
		if err != nil || stack.Status == status || status == "" || round == 15 {
			return stack, err
		}
	}
	return Stack{}, context.Cause(ctx)
}

// retryable reports whether a failure passes by itself: ECS keeps a service's name until the service
// has drained, and creates its role with the first call of an account (copilot#5586).
func retryable(reason string) bool {
	return strings.Contains(reason, "still Draining") || strings.Contains(reason, "Unable to assume the service linked role")
}
