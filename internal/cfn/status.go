package cfn

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// step is the next thing to do with a stack.
type step string

const (
	create   step = "create"
	update   step = "update"
	replace  step = "replace"   // delete it, and create it anew
	wait     step = "wait"      // until what is under way has ended, and look again
	cancel   step = "cancel"    // the update under way; wait for its rollback, and look again
	rollBack step = "roll back" // what failed half-way, and look again; replace it if that fails too and it may be replaced
	remove   step = "remove"    // delete it
	refuse   step = "refuse"    // leave it alone: what to give up is for a person to say
	nothing  step = "nothing"   // it is as it should be
)

// course is what to do with a stack that is found in a status.
type course struct{ deploying, deleting step }

// courses has every status that a stack can have.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
var courses = map[types.StackStatus]course{
	// Being created. A creation may be deleted at any time; an update may not.
	types.StackStatusReviewInProgress: {deploying: replace, deleting: remove}, // a change set that nobody executed
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

	// It worked before, and may still.
	types.StackStatusUpdateFailed:                            {deploying: rollBack, deleting: remove},
	types.StackStatusUpdateRollbackInProgress:                {deploying: wait, deleting: wait},
	types.StackStatusUpdateRollbackCompleteCleanupInProgress: {deploying: wait, deleting: wait},
	types.StackStatusUpdateRollbackComplete:                  {deploying: update, deleting: remove},
	types.StackStatusUpdateRollbackFailed:                    {deploying: rollBack, deleting: remove},

	// Being deleted.
	types.StackStatusDeleteInProgress: {deploying: wait, deleting: wait},
	types.StackStatusDeleteFailed:     {deploying: replace, deleting: remove},
	types.StackStatusDeleteComplete:   {deploying: create, deleting: nothing},

	// Somebody imports resources into it by hand.
	types.StackStatusImportInProgress:         {deploying: wait, deleting: wait},
	types.StackStatusImportComplete:           {deploying: update, deleting: remove},
	types.StackStatusImportRollbackInProgress: {deploying: wait, deleting: wait},
	types.StackStatusImportRollbackComplete:   {deploying: update, deleting: remove},
	types.StackStatusImportRollbackFailed:     {deploying: refuse, deleting: remove},
}

// courseOf is what to do with a stack in this status. One that is newer than this program is waited for if it will pass,
// and else left alone.
func courseOf(status types.StackStatus) course {
	if c, known := courses[status]; known {
		return c
	}
	if strings.HasSuffix(string(status), "_IN_PROGRESS") {
		return course{deploying: wait, deleting: wait}
	}
	return course{deploying: refuse, deleting: remove}
}

// atRest tells whether nothing is happening to a stack in this status. REVIEW_IN_PROGRESS is such a status: the stack
// waits for somebody to execute a change set.
func atRest(status types.StackStatus) bool {
	return status == types.StackStatusReviewInProgress || !strings.HasSuffix(string(status), "_IN_PROGRESS")
}

// InProgress reports whether CloudFormation works on a stack in this status.
func InProgress(status types.StackStatus) bool { return !atRest(status) }

// StuckError tells that a stack rests in a status from which no deployment leads on.
type StuckError struct {
	Stack Stack
	Cause error // why the way out did not work; nil if there is none
}

func (e *StuckError) Error() string {
	text := fmt.Sprintf("deploy stack %s: it is in %s, from which CloudFormation does not let it be updated", e.Stack.Name, e.Stack.Status)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *StuckError) Unwrap() error { return e.Cause }

// Hint says how to get the stack out of it.
func (e *StuckError) Hint() string {
	if e.Stack.Status == types.StackStatusUpdateRollbackFailed {
		return "mend what its rollback fails on, or continue the rollback in the CloudFormation console without that resource, and run the job again"
	}
	return "roll it back in the CloudFormation console, and run the job again"
}
