package command

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// commitOf returns the commit that a stack was last brought to: its output or parameter Commit, or
// the tag of a stack that an older pr-stack deployed. It is "" if the stack does not say, because the
// user's template declares no Commit.
func commitOf(stack cfn.Stack) string {
	if commit := template.Commit(stack.Parameters, stack.Outputs); commit != "" {
		return commit
	}
	return stack.Tags[environment.TagCommit]
}

// previous is what the stack serves now; nil if it never came up.
func previous(stack cfn.Stack) *report.Previous {
	switch stack.Status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
		types.StackStatusUpdateRollbackCompleteCleanupInProgress, types.StackStatusUpdateCompleteCleanupInProgress:
		url, _ := template.URL(stack.Outputs)
		return &report.Previous{Commit: commitOf(stack), URL: url}
	}
	return nil
}

// hidden is what CloudFormation shows of a parameter that the template declares with NoEcho.
const hidden = "****"

// replaced returns whether a stack is asked to be something else than the plan: another run, or
// somebody, has changed it since. The parameters say that from the beginning of an update, and are
// the old ones again after a rollback; the outputs follow only when an update is complete. A stack
// whose template declares no Commit is judged by its image alone.
func replaced(plan rollout.Plan) func(cfn.Stack) bool {
	return func(now cfn.Stack) bool {
		for _, name := range []string{template.CommitParameter, template.ImageParameter} {
			wanted, declared := plan.Parameters[name]
			if is := now.Parameters[name]; declared && is != wanted && is != hidden {
				return true
			}
		}
		return false
	}
}
