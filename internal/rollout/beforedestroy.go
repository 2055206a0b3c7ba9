package rollout

import (
	"context"
	"errors"
	"strings"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/template"
)

// beforeDestroyTimeout is how long a command may take that runs before an environment is deleted.
const beforeDestroyTimeout = 15 * time.Minute

// BeforeDestroy runs a command in a task of a stack that is about to be deleted, in the image that the
// service runs. Other one-off tasks of the stack are stopped: their work is deleted with it. Without a
// command, it only stops them. It does nothing if the stack never came up, or is being deleted. The
// argument next says what happens after a failure.
func (c Clients) BeforeDestroy(ctx context.Context, stack cfn.Stack, command []string, next string) error {
	task, ready, err := c.lastTask(ctx, stack, command)
	if err != nil || !ready {
		return err
	}
	if len(command) == 0 {
		return task.StopAll(ctx, stopReason)
	}
	err = c.taskPhase(ctx, task, beforeDestroyTimeout, "make it faster", stack.Name, diagnosis.Inputs{Own: true})
	return withNext(err, next)
}

// BeforeSweep is BeforeDestroy for several stacks at once: it opens no group of the log.
func (c Clients) BeforeSweep(ctx context.Context, stack cfn.Stack, command []string) error {
	task, ready, err := c.lastTask(ctx, stack, command)
	if err != nil || !ready {
		return err
	}
	if len(command) == 0 {
		return task.StopAll(ctx, stopReason)
	}
	_, err = c.await(ctx, task, beforeDestroyTimeout, "make it faster", stack.Name, diagnosis.Inputs{Own: true})
	return err
}

const stopReason = "the environment is deleted"

// lastTask returns the task that runs before a stack is deleted. It is not ready if there is nothing to do.
func (c Clients) lastTask(ctx context.Context, stack cfn.Stack, command []string) (task ecs.OneOff, ready bool, err error) {
	if len(command) == 0 && stack.Outputs[template.OneOffOutput] == "" || !cameUp(stack) {
		return task, false, nil
	}
	task = c.oneOff(stack, "before-destroy", command)
	task.Takeover = true
	found, err := c.workloads(ctx, stack.ID)
	if err != nil {
		return task, false, &TaskError{Task: task.Name, Cause: err}
	}
	task.Image = stack.Parameters[template.ImageParameter]
	task.Environment["PR_STACK_COMMIT"] = template.Commit(stack.Parameters, stack.Outputs)
	task.Service, err = c.inPlaceOf(ctx, task, found.services)
	if errors.Is(err, errNoService) && len(command) == 0 {
		return task, false, nil
	}
	if err != nil {
		return task, false, &TaskError{Task: task.Name, Cause: err}
	}
	return task, true, nil
}

// cameUp reports whether a stack has once been complete, and is not being deleted.
func cameUp(stack cfn.Stack) bool {
	for _, prefix := range []string{"CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_", "DELETE_", "REVIEW_", "IMPORT_"} {
		if strings.HasPrefix(string(stack.Status), prefix) {
			return false
		}
	}
	return true
}
