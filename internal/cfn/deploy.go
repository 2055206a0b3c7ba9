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
	RoleARN      string // the role that CloudFormation takes on; "" for the caller's own rights
	// CreateTimeout is after how long CloudFormation gives up a new stack, in whole minutes; 0 means never.
	CreateTimeout time.Duration

	// Allow is asked directly before anything is done to the stack, with the stack as it is, or its zero value if there is
	// none. An error ends the deployment. It must be set.
	Allow func(context.Context, Stack) error
	Watch Watch // may be nil
	// OnFailure is what becomes of a new stack that fails. An update that fails is always rolled back.
	OnFailure types.OnFailure
	// Disposable: a stack that cannot be brought to where an update leads on may be deleted, by force if need be.
	Disposable bool
}

// Watch looks at what CloudFormation does not see while it creates or updates a stack.
type Watch interface {
	Before(ctx context.Context, stack Stack)
	Check(ctx context.Context, stackID string) error
	Explain(ctx context.Context, failed *FailedError) error
}

func (d Deployment) check() func(context.Context, string) error {
	if d.Watch == nil {
		return nil
	}
	return d.Watch.Check
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

// attempts is how often an operation is begun whose failure passes by itself.
const attempts = 3

// Deploy creates or updates a stack directly, without a change set, and returns it at rest. What somebody else has begun
// is waited for, and cut off if it is hopeless; a stack in a status from which no update leads on is brought out of it.
//
// It returns a *FailedError, and the stack, as soon as it is known that the operation fails, which is before
// CloudFormation has rolled it back. When ctx is done, CloudFormation goes on with what it was told, and the next Deploy
// continues from there.
func (c *Client) Deploy(ctx context.Context, d Deployment) (Stack, Outcome, error) {
	w := work{c: c, d: d, outcome: Created}
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, d.StackName)
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
		stack, err = w.take(ctx, next, stack)
		if err != nil || w.done {
			return stack, w.outcome, err
		}
	}
	return Stack{}, "", context.Cause(ctx)
}

// work is a deployment under way.
type work struct {
	c       *Client
	d       Deployment
	outcome Outcome
	done    bool // the stack is what it was to become
	tries   int  // operations begun that failed of something that passes
	busy    int  // calls in a row that were refused because of somebody else's
	stuck   bool // a rollback was continued once, and did not come through
}

// take takes one step. Unless it is the last, the stack is to be looked at again.
func (w *work) take(ctx context.Context, next step, stack Stack) (Stack, error) {
	switch next {
	case wait:
		return stack, w.wait(ctx, stack)
	case rollBack:
		return stack, w.rollBack(ctx, stack)
	case replace:
		return stack, w.replace(ctx, stack)
	case refuse:
		return stack, &StuckError{Stack: stack}
	case create:
		made, err := w.c.create(ctx, w.d)
		return made, w.judge(made, err)
	default:
		w.outcome = Updated
		changed, err := w.c.update(ctx, stack, w.d)
		return changed, w.judge(changed, err)
	}
}

// judge decides what an operation's end means: an error ends the deployment, nil without done looks again.
func (w *work) judge(stack Stack, err error) error {
	failed, isFailure := errors.AsType[*FailedError](err)
	switch {
	case err == nil:
		w.done = true
	case errors.Is(err, ErrNoUpdates):
		w.outcome, w.done = Unchanged, true
	case errors.Is(err, ErrAlreadyExists), errors.Is(err, ErrNotFound), errors.Is(err, ErrBusy):
		// It was changed since it was described. A refusal that stays is no race.
		if w.busy++; w.busy > 5 {
			return err
		}
		return nil
	case transient(err):
		w.c.logf("CloudFormation does not take the call, and is asked again: %s", errors.Unwrap(err))
		return nil
	case isFailure && passes(failed.Cause.Reason) && w.tries+1 < attempts:
		w.tries++
		w.c.logf("stack %s failed, and is tried again: %s", stack.Name, failed.Cause.Reason)
		return nil
	case isFailure && failed.cancelled() && w.tries+1 < attempts:
		w.tries++
		w.c.logf("the update of stack %s was cancelled by somebody else, and is tried again", stack.Name)
		return nil
	default:
		return err
	}
	return nil
}

// wait waits for what somebody else has begun. What cannot end well is cut off: whoever began it may be gone, and
// CloudFormation would go on for hours.
func (w *work) wait(ctx context.Context, stack Stack) error {
	w.busy = 0
	err := w.c.guard(ctx, stack, w.d.check(), func(ctx context.Context) error {
		_, err := w.c.rest(ctx, stack.ID)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	hopeless, ok := errors.AsType[*hopelessError](err)
	if !ok {
		return err
	}
	w.c.logf("%s of stack %s, begun by another run, is cut off: %s", verb(stack.Status), stack.Name, hopeless.why)
	if stack.Status == types.StackStatusCreateInProgress {
		return w.replace(ctx, stack)
	}
	return ignore(w.c.cancelUpdate(ctx, stack), ErrBusy)
}

func (w *work) replace(ctx context.Context, stack Stack) error {
	w.c.logf("replacing stack %s: it is in %s, from which no update leads on", stack.Name, stack.Status)
	w.outcome = Recreated
	return w.c.Delete(ctx, Deletion{ID: stack.ID, Allow: w.d.Allow, Force: w.d.Disposable})
}

// rollBack brings a stack back to where it was when it last worked.
func (w *work) rollBack(ctx context.Context, stack Stack) error {
	var err error
	if !w.stuck {
		w.stuck = true
		w.c.logf("rolling stack %s back: it is in %s", stack.Name, stack.Status)
		err = w.c.rollBack(ctx, stack, w.d.RoleARN)
		if err == nil || errors.Is(err, ErrBusy) {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if !w.d.Disposable {
		return &StuckError{Stack: stack, Cause: err}
	}
	return w.replace(ctx, stack)
}

func verb(status types.StackStatus) string {
	if status == types.StackStatusCreateInProgress {
		return "the creation"
	}
	return "the update"
}

func ignore(err, known error) error {
	if errors.Is(err, known) {
		return nil
	}
	return err
}
