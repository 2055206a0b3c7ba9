package cfn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Deployment is what a stack is to become.
type Deployment struct {
	StackName    string
	Template     string // its body
	Parameters   map[string]string
	Tags         map[string]string
	Capabilities []string
	RoleARN      string // the role that CloudFormation assumes; "" for the caller's own rights
	// CreateTimeout is when CloudFormation gives up creating the stack, in whole minutes; 0 means
	// never.
	CreateTimeout time.Duration

	// Allow is called directly before anything is done to the stack, with the stack as it is, or its
	// zero value if there is none. An error ends the deployment. It must be set.
	Allow func(context.Context, Stack) error
	Watch Watch // may be nil
	// OnFailure is what to do with a new stack that fails. An update that fails is always rolled
	// back.
	OnFailure types.OnFailure
	// Disposable stacks that cannot be brought to a status from which an update is possible may be
	// deleted, by force if need be.
	Disposable bool
}

// Watch looks at what CloudFormation does not see while it creates or updates a stack.
type Watch interface {
	// Before is called directly before an operation begins, or is waited for, after Allow, with the
	// stack as it is.
	Before(ctx context.Context, stack Stack)
	// Check is called every few seconds during an operation. An error says that the operation cannot
	// succeed any more, and why.
	Check(ctx context.Context, stackID string) error
	// Explain is called as soon as it is known that an operation fails, before what explains the
	// failure is deleted. Its result is kept in FailedError.Explanation.
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
	// attempts is how often an operation is begun that fails for a reason that passes.
	attempts = 3
	// maxRefusals is how often in a row a call may be refused because of another run. A refusal that
	// stays is not a race.
	maxRefusals = 5
)

// Deploy creates or updates a stack directly, without a change set, and returns it once it is idle.
// It waits for what another run has begun, and ends that early if it cannot succeed; a stack in a
// status from which no update is possible is brought out of it. A run that finishes what an
// interrupted one began reports that run's outcome.
//
// It returns a *FailedError, and the stack, as soon as it is known that the operation fails, which is
// before CloudFormation has rolled it back. When ctx is done, CloudFormation continues, and the
// next Deploy continues from there.
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

// deployment is one under way.
type deployment struct {
	c          *Client
	d          Deployment
	outcome    Outcome
	joined     Outcome // what another run did while this one waited for it; "" for nothing
	done       bool    // the stack is what it was to become
	tries      int     // operations that failed for a reason that passes
	refusals   int     // calls in a row that were refused because of another run
	rolledBack bool    // a rollback was continued once, and did not succeed
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
		if w.outcome == Updated { // it was deleted before the update could begin
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

// settle decides what the end of an operation means: an error ends the deployment, and nil without
// done begins again.
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
		// It was changed since it was described.
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

// wait waits for what another run has begun. What cannot succeed is ended early: whoever began it may
// be gone, and CloudFormation would continue for hours.
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

// joinedOutcome returns what another run's operation did, by the stack's status during it and after
// it; "" if it failed, or did neither.
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

// rollBack brings a stack back to where it last worked.
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
	if !w.d.Disposable {
		return stuckError(stack, err)
	}
	return w.replace(ctx, stack)
}
