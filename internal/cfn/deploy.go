package cfn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Deployment describes what a stack must become, and how.
type Deployment struct {
	StackName  string
	Template   Template
	Parameters map[string]string
	// Keep are the parameters that keep their values in an update, if the stack has them, whatever
	// Parameters says.
	Keep         []string
	Tags         map[string]string
	Capabilities []string
	RoleARN      string // the role that CloudFormation assumes; "" for the caller's own rights
	// CreateTimeout is the time after which CloudFormation stops creating the stack, in whole
	// minutes; 0 means no limit.
	CreateTimeout time.Duration

	// Allow is called immediately before anything is done to the stack, with the stack's current
	// description, or the zero Stack if there is none. An error ends the deployment. Allow must be
	// set.
	Allow func(context.Context, Stack) error
	Watch Watch // may be nil
	// OnFailure is what to do with a new stack that fails. An update that fails is always rolled
	// back.
	OnFailure types.OnFailure
	// Disposable allows Deploy to delete a stack that still cannot be updated after a rollback. It also allows Deploy to use force when it deletes a stack.
	Disposable bool
}

// Watch observes what CloudFormation does not see during the creation or update of a stack.
type Watch interface {
	// Before is called after Allow, immediately before Deploy begins an operation or waits for one,
	// with the stack's current description.
	Before(ctx context.Context, stack Stack)
	// Check is called every few seconds during an operation. An error says that the operation cannot
	// succeed any more, and why.
	Check(ctx context.Context, stackID string) error
	// Explain is called as soon as an operation is known to fail, before the resources that explain
	// the failure are deleted. Its result is kept in FailedError.Explanation.
	Explain(ctx context.Context, failed *FailedError) error
}

// Outcome is what a deployment did.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	Recreated Outcome = "recreated" // a stack that could not be updated was deleted first
)

const (
	// attempts is how many times an operation is begun if it fails for a temporary reason.
	attempts = 3
	// maxRefusals is how many calls in a row, each two seconds after the other, may be refused because of
	// another run. A stack that another run has just made may not be visible for half a minute. If there
	// are more refusals, the reason is not a race.
	maxRefusals = 15
)

// Deploy creates or updates a stack directly, without a change set, and returns it once it is idle.
// It waits for an operation that another run has begun, and ends that operation early if it cannot
// succeed. If no update is possible from the stack's status, Deploy first brings the stack out of
// that status. If another run, for example an interrupted one, has already made all the changes
// while Deploy waited, the outcome is that of the other run.
//
// It returns a *FailedError, and the stack, as soon as the operation is known to fail. At that time
// CloudFormation has not rolled the stack back yet. When ctx is done, CloudFormation continues, and
// the next Deploy continues from there.
func (c *Client) Deploy(ctx context.Context, d Deployment) (Stack, Outcome, error) {
	w := deployment{c: c, d: d, outcome: Created, retries: poll.Reporter{Logf: c.Logf}}
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, d.StackName)
		if ctx.Err() != nil {
			break
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Stack{}, "", err
		}
		next := create
		if err == nil {
			next = courseOf(stack.Status).deploying
		}
		if err := d.Allow(ctx, stack); err != nil {
			return stack, "", fmt.Errorf("deploy stack %s: %w", d.StackName, err)
		}
		if d.Watch != nil {
			d.Watch.Before(ctx, stack)
		}
		if ctx.Err() != nil {
			break
		}
		stack, err = w.step(ctx, next, stack)
		if err != nil || w.done {
			return stack, w.outcome, err
		}
	}
	return Stack{}, "", context.Cause(ctx)
}

// deployment is the state of one call of Deploy.
type deployment struct {
	c          *Client
	d          Deployment
	outcome    Outcome
	joined     Outcome // what another run did while this one waited for it; "" for nothing
	done       bool    // the stack is as d describes it
	tries      int     // operations that failed for a temporary reason, or were cancelled
	refusals   int     // calls in a row that were refused because of another run
	rolledBack bool    // a rollback was tried once; it is not tried again
	retries    poll.Reporter
}

// step takes one step. Unless it is the last, the stack has to be described again.
func (w *deployment) step(ctx context.Context, next step, stack Stack) (Stack, error) {
	switch next {
	case wait:
		return stack, w.wait(ctx, stack)
	case rollBack:
		return stack, w.rollBack(ctx, stack)
	case replace:
		return stack, w.replace(ctx, stack)
	case refuse:
		return stack, stuckError(stack, nil)
	case create:
		if w.outcome == Updated { // the stack was deleted before the update could begin
			w.outcome = Created
		}
		made, err := w.c.create(ctx, w.d)
		return made, w.settle(made, err)
	default:
		w.outcome = Updated
		changed, err := w.c.update(ctx, stack, w.d)
		return changed, w.settle(changed, err)
	}
}

// settle decides how the deployment continues after an operation has ended. If settle returns an
// error, the deployment ends. If it returns nil and does not set done, the deployment begins again.
func (w *deployment) settle(stack Stack, err error) error {
	failed, isFailure := errors.AsType[*FailedError](err)
	switch {
	case err == nil:
		w.done = true
	case errors.Is(err, ErrNoUpdates):
		w.outcome, w.done = Unchanged, true
		if w.joined != "" {
			w.outcome = w.joined
		}
	case errors.Is(err, ErrInFlight):
		return err
	case errors.Is(err, ErrAlreadyExists), errors.Is(err, ErrNotFound), errors.Is(err, ErrBusy):
		// The stack was changed after it was described.
		if w.refusals++; w.refusals > maxRefusals {
			return err
		}
	case transient(err):
		w.retries.Waiting("trying again to %s", message(err))
	case isFailure && retryable(failed.Cause.Reason) && w.tries+1 < attempts:
		w.tries++
		w.c.logf("stack %s failed, trying again: %s", stack.Name, failed.Cause.Reason)
	case isFailure && failed.cancelled() && w.tries+1 < attempts:
		w.tries++
		w.c.logf("the update of stack %s was cancelled by another run or by hand, trying again", stack.Name)
	default:
		return err
	}
	return nil
}

// wait waits for an operation that another run has begun. It ends the operation early if it cannot
// succeed: the other run may no longer exist, and CloudFormation would continue for hours.
func (w *deployment) wait(ctx context.Context, stack Stack) error {
	w.refusals, w.retries = 0, poll.Reporter{Logf: w.c.Logf}
	ended := Stack{}
	err := w.c.watched(ctx, stack, w.d.Watch, func(ctx context.Context) (err error) {
		ended, err = w.c.waitIdle(ctx, stack.ID)
		return err
	})
	if joined := joinedOutcome(stack.Status, ended.Status); joined != "" && w.joined != Created {
		w.joined = joined
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	aborted, ok := errors.AsType[*abortedError](err)
	if !ok {
		return err
	}
	w.joined = ""
	if stack.Status == types.StackStatusCreateInProgress {
		w.c.logf("deleting stack %s, which another run is creating: %s", stack.Name, aborted.why)
		return w.replace(ctx, stack)
	}
	w.c.logf("cancelling the update of stack %s, which another run began: %s", stack.Name, aborted.why)
	err = w.c.cancelUpdate(ctx, stack)
	if errors.Is(err, ErrBusy) {
		return nil
	}
	return err
}

// joinedOutcome returns what another run's operation did, given the stack's status during and after
// the operation. It returns "" if the operation failed, or neither created nor updated the stack.
func joinedOutcome(during, after types.StackStatus) Outcome {
	succeeded := after == types.StackStatusCreateComplete || after == types.StackStatusUpdateComplete
	switch during {
	case types.StackStatusCreateInProgress:
		if succeeded {
			return Created
		}
	case types.StackStatusUpdateInProgress, types.StackStatusUpdateCompleteCleanupInProgress:
		if succeeded {
			return Updated
		}
	}
	return ""
}

func (w *deployment) replace(ctx context.Context, stack Stack) error {
	w.c.logf("replacing stack %s: it is in %s, from which no update is possible", stack.Name, stack.Status)
	w.outcome, w.joined = Recreated, ""
	return w.c.Delete(ctx, Deletion{ID: stack.ID, Allow: w.d.Allow, Force: w.d.Disposable})
}

// rollBack tries once to roll a stack back to the state in which it last worked. If that fails, it
// deletes a disposable stack, and returns an error for any other.
func (w *deployment) rollBack(ctx context.Context, stack Stack) error {
	w.joined = ""
	var err error
	if !w.rolledBack {
		w.rolledBack = true
		w.c.logf("rolling back stack %s: it is in %s", stack.Name, stack.Status)
		err = w.c.rollBack(ctx, stack, w.d.RoleARN)
		if err == nil || errors.Is(err, ErrBusy) {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
	// A failed rollback has changed the status, which the error's text and hint depend on.
	if now, err := w.c.Describe(ctx, stack.ID); err == nil {
		stack = now
	}
	if !w.d.Disposable {
		return stuckError(stack, err)
	}
	return w.replace(ctx, stack)
}
