package cfn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Deletion is a stack that is to go.
type Deletion struct {
	ID string // of the stack; its name might be another's by now

	// Allow is asked directly before anything is done to the stack, with the stack as it is. An error ends the deletion.
	// Nil allows it.
	Allow func(context.Context, Stack) error
	// Force lets the stack go without the resources that cannot be deleted, once waiting has not helped. They stay in the
	// account, and Logf is told of each.
	Force bool
}

// pauses are how long to wait before a deletion that something lingering held up is tried again. Network interfaces of
// load balancers and functions hold a security group for up to 45 minutes, of which CloudFormation waits 15 each time.
var pauses = []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}

// Delete deletes a stack and returns when it is gone. A creation is cut off, an update is cancelled, and whatever else is
// under way is waited for. A stack that is gone already is deleted. ErrProtected tells that its termination protection is
// on, which is never changed here.
func (c *Client) Delete(ctx context.Context, d Deletion) error {
	err := c.attempt(ctx, d, types.DeletionModeStandard)
	for _, pause := range pauses {
		failed, ok := errors.AsType[*FailedError](err)
		if !ok || !lingering(failed.Cause.Reason) {
			break
		}
		c.logf("%s (%s) cannot be deleted yet: %s; trying again in %s", failed.Cause.LogicalID, failed.Cause.Type, failed.Cause.Reason, pause)
		if err := poll.Pause(ctx, pause); err != nil {
			return err
		}
		err = c.attempt(ctx, d, types.DeletionModeStandard)
	}
	failed, ok := errors.AsType[*FailedError](err)
	if !ok || !d.Force || failed.Stack.Status != types.StackStatusDeleteFailed {
		return err
	}
	if err := c.attempt(ctx, d, types.DeletionModeForceDeleteStack); err != nil {
		return err
	}
	for _, e := range failed.All {
		c.logf("left behind in the account: %s (%s) %s: %s", e.LogicalID, e.Type, e.PhysicalID, e.Reason)
	}
	return nil
}

// attempt goes on until the stack is gone or one deletion of it has failed.
func (c *Client) attempt(ctx context.Context, d Deletion, mode types.DeletionMode) error {
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, d.ID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		next := courseOf(stack.Status).deleting
		if next == nothing {
			return nil
		}
		if d.Allow != nil {
			if err := d.Allow(ctx, stack); err != nil {
				return fmt.Errorf("delete stack %s: %w", stack.Name, err)
			}
		}
		switch next {
		case wait:
			_, err = c.rest(ctx, stack.ID)
		case cancel:
			err = c.cancelUpdate(ctx, stack)
		default:
			err = c.remove(ctx, stack, mode)
			if err == nil {
				return nil
			}
		}
		if err != nil && !errors.Is(err, ErrBusy) && (ctx.Err() != nil || !transient(err)) {
			return err
		}
	}
	return context.Cause(ctx)
}

// remove deletes a stack that rests or is being created, and waits until it is gone.
func (c *Client) remove(ctx context.Context, stack Stack, mode types.DeletionMode) error {
	token, err := c.startRemoval(ctx, stack, mode)
	if err != nil {
		return err
	}
	return c.followRemoval(ctx, stack, token)
}

func (c *Client) startRemoval(ctx context.Context, stack Stack, mode types.DeletionMode) (token string, err error) {
	if stack.Protected {
		return "", fmt.Errorf("delete stack %s: %w", stack.Name, ErrProtected)
	}
	token = newToken()
	input := &cloudformation.DeleteStackInput{StackName: &stack.ID, ClientRequestToken: &token}
	if stack.Status == types.StackStatusDeleteFailed { // CloudFormation takes a mode in no other status
		input.DeletionMode = mode
	}
	if _, err := c.API.DeleteStack(ctx, input, atOnce); err != nil {
		return "", fmt.Errorf("delete stack %s: %w", stack.Name, translate(err))
	}
	return token, nil
}

func (c *Client) followRemoval(ctx context.Context, stack Stack, token string) error {
	events, stack, err := c.toRest(ctx, stack.ID, token)
	if err != nil || stack.Status == types.StackStatusDeleteComplete {
		return err
	}
	failed := failures(events)
	return &FailedError{Operation: "delete", Stack: stack, Cause: first(failed), All: failed}
}

// lingering tells whether a reason is one that passes by itself: AWS has deleted something, and what hung on it is freed
// only minutes later. The wording is EC2's (aws-cdk#10777).
func lingering(reason string) bool {
	for _, mark := range []string{"DependencyViolation", "has a dependent object", "has dependencies and cannot be deleted", "is currently in use", "network interface"} {
		if strings.Contains(reason, mark) {
			return true
		}
	}
	return false
}
