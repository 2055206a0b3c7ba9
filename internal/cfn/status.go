package cfn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/hint"
)

// step is the next thing to do with a stack.
type step string

const (
	create   step = "create"
	update   step = "update"
	replace  step = "replace"   // delete it, and create it again
	wait     step = "wait"      // wait until the current operation has ended, then describe the stack again
	cancel   step = "cancel"    // cancel the current update, wait for its rollback, then describe the stack again
	rollBack step = "roll back" // roll the update back, then describe the stack again; if the rollback fails, replace a disposable stack
	remove   step = "remove"    // delete it
	refuse   step = "refuse"    // it needs a human decision
	nothing  step = "nothing"   // the stack is as it should be
)

// course is the step to take on a stack in one status, for a deployment and for a deletion.
type course struct{ deploying, deleting step }

// courses has every status that a stack can have.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
var courses = map[types.StackStatus]course{
	// Being created. A stack may be deleted while it is created, but not while it is updated.
	types.StackStatusReviewInProgress: {deploying: replace, deleting: remove}, // a change set that was not executed
	types.StackStatusCreateInProgress: {deploying: wait, deleting: remove},
	types.StackStatusCreateComplete:   {deploying: update, deleting: remove},

	// It never worked, so nothing that works is lost.
	types.StackStatusCreateFailed:       {deploying: replace, deleting: remove},
	types.StackStatusRollbackInProgress: {deploying: wait, deleting: wait},
	types.StackStatusRollbackComplete:   {deploying: replace, deleting: remove},
	types.StackStatusRollbackFailed:     {deploying: replace, deleting: remove},

	// Being updated.
	types.StackStatusUpdateInProgress:                {deploying: wait, deleting: cancel},
	types.StackStatusUpdateCompleteCleanupInProgress: {deploying: wait, deleting: wait},
	types.StackStatusUpdateComplete:                  {deploying: update, deleting: remove},

	// It worked before, and may still work.
	types.StackStatusUpdateFailed:                            {deploying: rollBack, deleting: remove},
	types.StackStatusUpdateRollbackInProgress:                {deploying: wait, deleting: wait},
	types.StackStatusUpdateRollbackCompleteCleanupInProgress: {deploying: wait, deleting: wait},
	types.StackStatusUpdateRollbackComplete:                  {deploying: update, deleting: remove},
	types.StackStatusUpdateRollbackFailed:                    {deploying: rollBack, deleting: remove},

	// Being deleted.
	types.StackStatusDeleteInProgress: {deploying: wait, deleting: wait},
	types.StackStatusDeleteFailed:     {deploying: replace, deleting: remove},
	types.StackStatusDeleteComplete:   {deploying: create, deleting: nothing},

	// Resources are being imported into it by hand.
	types.StackStatusImportInProgress:         {deploying: wait, deleting: wait},
	types.StackStatusImportComplete:           {deploying: update, deleting: remove},
	types.StackStatusImportRollbackInProgress: {deploying: wait, deleting: wait},
	types.StackStatusImportRollbackComplete:   {deploying: update, deleting: remove},
	types.StackStatusImportRollbackFailed:     {deploying: refuse, deleting: remove},
}

// courseOf returns what to do with a stack in this status. If this program does not know the
// status, and its name says that an operation is in progress, the course is to wait. In any other
// unknown status, a deployment needs a human decision, and a deletion is tried.
func courseOf(status types.StackStatus) course {
	if c, known := courses[status]; known {
		return c
	}
	if strings.HasSuffix(string(status), "_IN_PROGRESS") {
		return course{deploying: wait, deleting: wait}
	}
	return course{deploying: refuse, deleting: remove}
}

// idle reports whether no operation is under way on a stack in this status. REVIEW_IN_PROGRESS is
// such a status: the stack waits for a change set to be executed.
func idle(status types.StackStatus) bool {
	return status == types.StackStatusReviewInProgress || !strings.HasSuffix(string(status), "_IN_PROGRESS")
}

// InProgress reports whether an operation is under way on a stack in this status.
func InProgress(status types.StackStatus) bool { return !idle(status) }

// ErrStuck means that a stack is in a status from which no deployment is possible.
var ErrStuck = errors.New("CloudFormation does not let it be updated")

// stuckError returns an error with a hint that says how to bring a stack out of its status. cause is
// the error of the rollback; nil if there is none.
func stuckError(stack Stack, cause error) error {
	advice := "roll it back in the CloudFormation console, and run the job again"
	if stack.Status == types.StackStatusUpdateRollbackFailed {
		advice = "fix the resource that its rollback fails on, or continue the rollback in the CloudFormation console " +
			"without that resource, and run the job again"
	}
	text := fmt.Sprintf("deploy stack %s: it is in %s, from which %s", stack.Name, stack.Status, ErrStuck)
	if cause != nil {
		text += ": " + message(cause)
	}
	return &hint.Error{Message: text, Hint: advice, Cause: errors.Join(ErrStuck, cause)}
}
