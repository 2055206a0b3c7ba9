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

// previous returns what the stack serves now, or nil if it never came up.
func previous(stack cfn.Stack) *report.Previous {
	if template.IsPrepared(stack.Parameters) {
		return nil
	}
	switch stack.Status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
		types.StackStatusUpdateRollbackCompleteCleanupInProgress, types.StackStatusUpdateCompleteCleanupInProgress:
		url, _ := template.URL(stack.Outputs)
		return &report.Previous{Commit: commitOf(stack), URL: url}
	}
	return nil
}

// hidden is what CloudFormation shows in place of the value of a NoEcho parameter.
const hidden = "****"

// replaced returns a function that reports whether another run, or a person, has changed a stack since
// it was brought to the plan. It compares the stack's parameters: they are the new ones from the
// beginning of an update, and the old ones again after a rollback, while the outputs change only when
// an update is complete. If the template declares no Commit, only the image is compared.
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
