package cfn

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// Deletion says which stack to delete, and how.
type Deletion struct {
	ID string // of the stack; another stack may have the same name by now

	// Allow is called immediately before anything is done to the stack, with the stack's current
	// description. An error ends the deletion. A nil Allow permits every deletion.
	Allow func(context.Context, Stack) error
	// Force deletes the stack, but not the resources that cannot be deleted even after waiting.
	// These resources stay in the account, and each one is logged. It has no effect if a permission is
	// missing: once that is granted, the next deletion succeeds, and until then the stack can be found.
	Force bool
	// OnLeft is called for each resource that Force has perhaps left in the account; may be nil.
	OnLeft func(Event)
}

// pauses are the times to wait before a deletion that was held up is tried again. Network interfaces
// of load balancers and functions hold a security group for up to 45 minutes. CloudFormation itself
// waits 15 minutes in each attempt.
var pauses = []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}

// Delete deletes a stack and returns when it is deleted. It does not wait for a creation to end, it
// cancels an update, and it waits for any other operation. A stack that no longer exists counts as
// deleted. ErrProtected means that the stack's termination protection is on. Delete never changes
// it.
func (c *Client) Delete(ctx context.Context, d Deletion) error {
	err := c.attempt(ctx, d, types.DeletionModeStandard)
	for _, pause := range pauses {
		failed, ok := errors.AsType[*FailedError](err)
		if !ok || !heldByENI(failed.Cause.Reason) {
			break
		}
		c.logf("%s (%s) cannot be deleted yet: %s; trying again in %s", failed.Cause.LogicalID, failed.Cause.Type, failed.Cause.Reason, pause)
		if err := c.pause(ctx, pause); err != nil {
			return err
		}
		err = c.attempt(ctx, d, types.DeletionModeStandard)
	}
	failed, ok := errors.AsType[*FailedError](err)
	if !ok || !d.Force || failed.Stack.Status != types.StackStatusDeleteFailed || slices.ContainsFunc(failed.All, denied) {
		return err
	}
	if err := c.attempt(ctx, d, types.DeletionModeForceDeleteStack); err != nil {
		return err
	}
	for _, e := range failed.All {
		c.logf("perhaps left behind in the account: %s (%s) %s, whose deletion had failed: %s", e.LogicalID, e.Type, e.PhysicalID, e.Reason)
		if d.OnLeft != nil {
			d.OnLeft(e)
		}
	}
	return nil
}

// pause waits before the next attempt, and logs that it does.
func (c *Client) pause(ctx context.Context, d time.Duration) error {
	waiting := poll.Reporter{Logf: c.Logf}
	end := time.Now().Add(d)
	for range poll.Every(ctx, 2*time.Second) {
		if !time.Now().Before(end) {
			return nil
		}
		waiting.Waiting("waiting to try the deletion again")
	}
	return context.Cause(ctx)
}

// attempt continues until the stack is deleted or one deletion of it has failed.
func (c *Client) attempt(ctx context.Context, d Deletion, mode types.DeletionMode) error {
	retries, began := poll.Reporter{Logf: c.Logf}, time.Now()
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, d.ID)
		if ctx.Err() != nil {
			break
		}
		if errors.Is(err, ErrNotFound) {
			// CloudFormation finds a deleted stack by its ID for 90 days, so this one may be too new.
			if short(d.ID) != d.ID && time.Since(began) < visible {
				continue
			}
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
		if ctx.Err() != nil {
			break
		}
		switch next {
		case wait:
			_, err = c.waitIdle(ctx, stack.ID)
		case cancel:
			err = c.cancelUpdate(ctx, stack)
		default:
			err = c.remove(ctx, stack, mode)
			if err == nil {
				return nil
			}
		}
		switch {
		case err == nil:
			retries = poll.Reporter{Logf: c.Logf}
		case !errors.Is(err, ErrBusy) && (ctx.Err() != nil || !transient(err)):
			return err
		default:
			retries.Waiting("trying again to %s", message(err))
		}
	}
	return context.Cause(ctx)
}

// remove deletes a stack that is idle or is being created, and waits until it is deleted.
func (c *Client) remove(ctx context.Context, stack Stack, mode types.DeletionMode) error {
	token, err := c.startDelete(ctx, stack, mode)
	if err != nil {
		return err
	}
	return c.followDelete(ctx, stack, token)
}

func (c *Client) startDelete(ctx context.Context, stack Stack, mode types.DeletionMode) (token string, err error) {
	if stack.Protected {
		return "", fmt.Errorf("delete stack %s: %w", stack.Name, protectedError())
	}
	token = newToken()
	input := &cloudformation.DeleteStackInput{StackName: &stack.ID, ClientRequestToken: &token}
	if stack.Status == types.StackStatusDeleteFailed { // CloudFormation accepts a mode only in this status
		input.DeletionMode = mode
	}
	if _, err := c.API.DeleteStack(ctx, input, fewRetries); err != nil {
		return "", fmt.Errorf("delete stack %s: %w", stack.Name, changeError(ctx, err))
	}
	return token, nil
}

func (c *Client) followDelete(ctx context.Context, stack Stack, token string) error {
	events, stack, err := c.followToEnd(ctx, stack.ID, token)
	if err != nil || stack.Status == types.StackStatusDeleteComplete {
		return err
	}
	causes := failures(events)
	failed := &FailedError{Operation: "delete", Stack: stack, Cause: first(causes), All: causes}
	switch {
	case slices.ContainsFunc(causes, denied):
		return hint.Wrap(failed, "allow the role of this job, or role-arn if that is set, the action that AWS denied, "+
			"and run the job again; the roles that bootstrap makes have what the templates fargate and lambda need (README.md, Permissions)")
	case heldByENI(failed.Cause.Reason):
		return hint.Wrap(failed, "run the job again; network interfaces that hold a deletion up are released after some minutes")
	}
	return hint.Wrap(failed, "fix what the deletion fails on, or delete that resource by hand, and run the job again")
}

// deniedWords are AWS's words for a missing permission, in the forms that resource handlers have.
var deniedWords = regexp.MustCompile(`(?i)not authorized|AccessDenied|access denied|UnauthorizedOperation|permissions error`)

// denied reports whether a resource could not be deleted because a permission is missing.
func denied(e Event) bool { return deniedWords.MatchString(e.Reason) }

// heldByENI reports whether a deletion failed because a network interface still exists. Such a
// failure is temporary: AWS releases the interface some minutes after it has deleted the resource
// that used the interface. The texts are from EC2 (aws-cdk#10777).
func heldByENI(reason string) bool {
	for _, mark := range []string{"DependencyViolation", "has a dependent object", "has dependencies and cannot be deleted", "is currently in use", "network interface"} {
		if strings.Contains(reason, mark) {
			return true
		}
	}
	return false
}
