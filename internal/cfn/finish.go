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

// finish follows a creation or an update. If the operation succeeds, it returns the idle stack. If
// not, it returns a *FailedError as soon as the failure is known.
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
		// No event of this operation showed this status, so somebody else changed the stack.
		if strings.HasPrefix(string(stack.Status), "DELETE_") {
			return stack, fmt.Errorf("%s stack %s: somebody deletes it, or has deleted it: %w", o.kind, stack.Name, ErrNotFound)
		}
		o.stack = stack
	}
	failed := c.explain(ctx, o, events)
	failed.NextStep = nextStep(d, o)
	d.explain(ctx, failed)
	return failed.Stack, failed
}

// abort ends an operation that cannot succeed: it cancels an update, and deletes a new stack if d
// says so. It does not wait for either. CloudFormation cannot be told to roll a creation back early.
func (c *Client) abort(ctx context.Context, d Deployment, o operation, failed *FailedError) (Stack, error) {
	failed.NextStep = nextStep(d, o)
	d.explain(ctx, failed)
	var err error
	refused := "is not deleted: "
	switch {
	case o.kind == "update":
		refused = "is not rolled back: "
		err = c.startCancel(ctx, o.stack)
	case failed.NextStep == RollingBack:
		failed.NextStep = RollingBackLater
	case failed.NextStep == Deleting:
		_, err = c.startDelete(ctx, o.stack, types.DeletionModeStandard)
	}
	if err != nil && !errors.Is(err, ErrBusy) {
		c.logf("%s", message(err))
		failed.NextStep = NextStep(refused + message(err)) // CloudFormation continues with the operation
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

// NextStep is what happens to a stack after an operation on it has failed. Deploy does not wait for
// it. If CloudFormation refused it, it says so, with the reason.
type NextStep string

// The next steps.
const (
	RollingBack      NextStep = "is being rolled back"
	RollingBackLater NextStep = "is rolled back as soon as CloudFormation gives up creating it"
	Deleting         NextStep = "is being deleted"
	Kept             NextStep = "is kept for debugging; the next deployment replaces it"
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

// followToEnd follows an operation until it has succeeded or failed, and returns its events and the
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

// readAfter reads a stack after the event that made it idle. A read may be older than the event, or
// even older than the stack, so it is repeated, for a while, until it agrees with the event.
func (c *Client) readAfter(ctx context.Context, id string, status types.StackStatus) (Stack, error) {
	began := time.Now()
	for round := range poll.Every(ctx, time.Second) {
		stack, err := c.waitIdle(ctx, id)
		if errors.Is(err, ErrNotFound) && time.Since(began) < visible {
			continue
		}
		if err != nil || stack.Status == status || status == "" || round >= 15 {
			return stack, err
		}
	}
	return Stack{}, context.Cause(ctx)
}

// retryable reports whether a failure is temporary. ECS keeps a service's name until the service has
// drained, and creates its service-linked role only with an account's first call (copilot#5586).
func retryable(reason string) bool {
	return strings.Contains(reason, "still Draining") || strings.Contains(reason, "Unable to assume the service linked role")
}
