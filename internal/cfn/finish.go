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

// finish follows a creation or an update. It returns the stack at rest if that goes well, and as soon as it is known if
// it does not.
func (c *Client) finish(ctx context.Context, d Deployment, o operation) (Stack, error) {
	var events []Event
	var last types.StackStatus
	failing := false
	err := c.guard(ctx, o.stack, d.check(), func(ctx context.Context) error {
		for e, err := range c.follow(ctx, o.stack.ID, o.token) {
			if err != nil {
				return err
			}
			events = append(events, e)
			if e.OfStack() {
				last = types.StackStatus(e.Status)
			}
			if failing = isCause(e) || e.OfStack() && !goesWell(last); failing {
				return nil
			}
		}
		return nil
	})
	if hopeless, ok := errors.AsType[*hopelessError](err); ok {
		return c.giveUp(ctx, d, o, &FailedError{Operation: o.kind, Stack: o.stack, Stuck: hopeless.why})
	}
	if err != nil {
		return o.stack, err
	}
	if !failing {
		stack, err := c.settled(ctx, o.stack.ID, last)
		if err != nil {
			return o.stack, err
		}
		if stack.Status == types.StackStatusCreateComplete || stack.Status == types.StackStatusUpdateComplete {
			return stack, nil
		}
		// No event of ours told of it, so it was somebody else's doing.
		if strings.HasPrefix(string(stack.Status), "DELETE_") {
			return stack, fmt.Errorf("%s stack %s: it was deleted meanwhile: %w", o.kind, stack.Name, ErrNotFound)
		}
		o.stack = stack
	}
	failed := c.explain(ctx, o, events)
	failed.NextStep = nextStep(d, o)
	d.tell(ctx, failed)
	return failed.Stack, failed
}

// giveUp does with a hopeless operation what is to be done, without waiting for it.
func (c *Client) giveUp(ctx context.Context, d Deployment, o operation, failed *FailedError) (Stack, error) {
	failed.NextStep = nextStep(d, o)
	d.tell(ctx, failed)
	var err error
	switch failed.NextStep {
	case RollingBack:
		if o.kind == "update" {
			err = c.startCancel(ctx, o.stack)
		}
	case Deleting:
		_, err = c.startRemoval(ctx, o.stack, types.DeletionModeStandard)
	}
	if err != nil && !errors.Is(err, ErrBusy) {
		c.logf("%s", err) // it is hopeless all the same, and that is the news
	}
	return o.stack, failed
}

func (d Deployment) tell(ctx context.Context, failed *FailedError) {
	if d.Watch != nil {
		failed.Explanation = d.Watch.Explain(ctx, failed)
	}
}

// goesWell tells whether a creation or an update may still, or did, come to what was asked for.
func goesWell(status types.StackStatus) bool {
	switch status {
	case types.StackStatusCreateInProgress, types.StackStatusCreateComplete,
		types.StackStatusUpdateInProgress, types.StackStatusUpdateCompleteCleanupInProgress, types.StackStatusUpdateComplete:
		return true
	}
	return false
}

// NextStep is what becomes of a stack after an operation on it has failed, while nobody waits for it.
type NextStep string

// The nextSteps.
const (
	RollingBack NextStep = "is being rolled back"
	Deleting    NextStep = "is being deleted"
	Kept        NextStep = "stays as it is, for a look; the next deployment replaces it"
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

// follow is Follow that tells OnEvent, too.
func (c *Client) follow(ctx context.Context, id, token string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for e, err := range c.Follow(ctx, id, token) {
			if err == nil && c.OnEvent != nil {
				c.OnEvent(e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// toRest follows an operation to its end, whatever that is, and returns its events and the stack.
func (c *Client) toRest(ctx context.Context, id, token string) (events []Event, stack Stack, err error) {
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
	stack, err = c.settled(ctx, id, last)
	return events, stack, err
}

// settled reads a stack that an event has brought to rest. A read may be older than the event, so it is asked again, for
// a while, until it says what the event said.
func (c *Client) settled(ctx context.Context, id string, status types.StackStatus) (Stack, error) {
	for round := range poll.Every(ctx, time.Second) {
		stack, err := c.rest(ctx, id)
		if err != nil || stack.Status == status || status == "" || round == 15 {
			return stack, err
		}
	}
	return Stack{}, context.Cause(ctx)
}

// passes tells whether a failure is one that passes by itself: ECS keeps a service's name until the service has drained,
// and makes its role with the first call of an account (copilot#5586).
func passes(reason string) bool {
	return strings.Contains(reason, "still Draining") || strings.Contains(reason, "Unable to assume the service linked role")
}
