package cfn

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// step is how a stack that exists already is gone about.
type step string

const (
	update  step = "update"
	replace step = "replace" // delete it, then create it
	wait    step = "wait"    // until what is happening to it has ended, and look again
	refuse  step = "refuse"
)

// whenDeploying is what to do with a stack that a deployment finds in a status.
func whenDeploying(status types.StackStatus) step {
	switch status {
	case types.StackStatusCreateComplete,
		types.StackStatusUpdateComplete,
		types.StackStatusUpdateRollbackComplete,
		types.StackStatusImportComplete,
		types.StackStatusImportRollbackComplete:
		return update

	// None of these ever worked, so nothing that works is lost.
	case types.StackStatusReviewInProgress, // a change set that was never executed
		types.StackStatusCreateFailed,
		types.StackStatusRollbackComplete,
		types.StackStatusRollbackFailed,
		types.StackStatusDeleteFailed:
		return replace

	// It worked before and may still: what to give up is for a person to say.
	case types.StackStatusUpdateFailed,
		types.StackStatusUpdateRollbackFailed,
		types.StackStatusImportRollbackFailed:
		return refuse
	}
	return wait // all others are in progress
}

// StuckError tells that a stack rests in a status from which no deployment leads on.
type StuckError struct{ Stack Stack }

func (e *StuckError) Error() string {
	return fmt.Sprintf("deploy stack %s: it is in %s, from which CloudFormation does not let it be updated", e.Stack.Name, e.Stack.Status)
}

// Hint says how to get the stack out of it.
func (e *StuckError) Hint() string {
	if e.Stack.Status == types.StackStatusUpdateRollbackFailed {
		return "continue its rollback in the CloudFormation console, or close and reopen the pull request to have the stack replaced"
	}
	return "roll it back in the CloudFormation console, or close and reopen the pull request to have the stack replaced"
}
