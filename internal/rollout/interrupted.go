package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/hint"
)

// statusTimeout is how long an interrupted run may take to read the stack's state.
const statusTimeout = 3 * time.Second

// Interrupted returns the current stack, and the error of a run that was cancelled. The error reports
// the stack's state, and not the error that the cancellation caused. Reading the state needs a call
// after ctx is done. The argument next becomes the error's hint.
func (c Clients) Interrupted(ctx context.Context, name string, caused error, next string) (cfn.Stack, error) {
	cause := context.Cause(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statusTimeout)
	defer cancel()
	stack, err := c.stacks(nil).Describe(ctx, name)
	var state string
	switch {
	case err == nil:
		state = fmt.Sprintf("stack %s is in %s", name, stack.Status)
		if cfn.InProgress(stack.Status) {
			state += ", and CloudFormation continues with it"
		}
	case errors.Is(err, cfn.ErrNotFound):
		state = fmt.Sprintf("there is no stack %s", name)
	default:
		state = fmt.Sprintf("the state of stack %s could not be read in time", name)
	}
	if errors.Is(caused, cfn.ErrInFlight) {
		state += "; a call that changes it was cut off, and may still take effect"
	}
	if task, ok := errors.AsType[*TaskError](caused); ok && errors.Is(caused, errTaskRuns) {
		state += fmt.Sprintf("; %s continues in its task, and the next run waits for it", task.Task)
	}
	return stack, hint.New(next, "interrupted (%s): %s", cause, state)
}
