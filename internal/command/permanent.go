package command

import (
	"context"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
)

// showChanges logs what a deployment will change in the stack of a permanent environment, and returns it. A
// resource that is replaced or deleted may take data with it. An environment of a pull request has none to
// lose, and its run does not wait for a change set. A change of a rule whose weights ECS has set is refused,
// unless force is set: it would reset them.
func showChanges(ctx context.Context, job config.Deploy, plan rollout.Plan, existing cfn.Stack, with deployClients) ([]report.PlannedStack, error) {
	if job.Environment.PullRequest > 0 {
		return nil, nil
	}
	with.touching = nil // to look changes nothing
	planned := plannedStack{spec: spec(job, plan, existing, with)}
	preview, err := with.rollout.Preview(ctx, planned.spec)
	if err != nil {
		return nil, err
	}
	planned.preview = preview
	changes := planned.shown()
	logPlan(changes, with.log)
	if job.Force {
		return changes, nil
	}
	return changes, rollout.CheckWeights(preview)
}

// checkProtection refuses to delete an environment whose stack is protected, before anything else is done
// about it. Only a person turns the protection of a permanent environment off.
func checkProtection(stack cfn.Stack) error {
	if !stack.Protected {
		return nil
	}
	err := hint.New("if it is to be deleted with all its data, turn the protection off and run the job again: in the CloudFormation console, "+
		"or with aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "+stack.Name,
		"delete stack %s: its termination protection is on, and nothing was deleted", stack.Name)
	err.Cause = cfn.ErrProtected
	return err
}
