package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecr"
	"pr-stack/internal/report"
)

// deleteLimit is how long a deletion may take. Network interfaces linger for up to 45 minutes, of which CloudFormation
// waits 15 each time that it is told to delete; what is left then is for the next run.
const deleteLimit = 60 * time.Minute

// destroy takes the environment away: its stack, then its images. What is gone already is as good as deleted.
func destroy(ctx context.Context, e *edges) (report.Result, error) {
	result := known(e.config)
	phases := phases{log: e.log, times: e.times}
	err := e.destroy(ctx, &result, &phases)
	if o, ok := errors.AsType[*overtaken](err); ok {
		err = e.standDown(ctx, &result, &phases, o)
	}
	result.Phases, result.Bars = phases.list, e.bars()
	return result, err
}

func (e *edges) destroy(ctx context.Context, result *report.Result, phases *phases) error {
	result.Status = report.Absent
	if err := e.stillClosed(ctx); err != nil {
		return err
	}
	stack, err := e.stacks.Describe(ctx, result.StackName)
	switch {
	case notFound(err):
		e.log.line("There is no stack %s.", result.StackName)
	case err != nil:
		return err
	default:
		result.StackID = stack.ID
		if err := e.owns(stack); err != nil {
			return err
		}
		err := phases.run("Stack", "Delete stack "+stack.Name, func() (string, error) {
			return "deleted", e.deleteStack(ctx, stack.Name, stack.ID)
		})
		if err != nil {
			return err
		}
		result.Status = report.Deleted
	}

	// A pull request that was opened again has pushed an image of its own by now.
	if err := e.stillClosed(ctx); err != nil {
		return err
	}
	repository, ok, err := e.leftovers(ctx)
	if err != nil || !ok {
		return err
	}
	return phases.run("Image", "Delete images in ECR repository "+repository.Name, func() (string, error) {
		deleted, err := repository.Delete(ctx, e.tags().Match)
		if deleted > 0 {
			result.Status = report.Deleted
		}
		return plural(deleted, "image"), err
	})
}

func (e *edges) deleteStack(ctx context.Context, name, id string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deleteLimit, &explained{
		message: fmt.Sprintf("delete stack %s: not gone after %s", name, report.Duration(deleteLimit)),
		hint:    "CloudFormation goes on with it; run the job again later",
	})
	defer cancel()
	return e.stacks.Delete(ctx, cfn.Deletion{
		ID:    id,
		Force: e.config.Environment.PullRequest > 0,
		Allow: func(ctx context.Context, stack cfn.Stack) error {
			if err := e.owns(stack); err != nil {
				return err
			}
			return e.stillClosed(ctx)
		},
	})
}

// leftovers tells where the environment's images are, if anywhere: a base stack that is gone took its repository along.
func (e *edges) leftovers(ctx context.Context) (ecr.Repository, bool, error) {
	if e.config.ECRRepository != "" {
		return ecr.Repository{API: e.ecr, Name: e.config.ECRRepository}, true, nil
	}
	base, err := e.stacks.Describe(ctx, e.config.BaseStack)
	if notFound(err) {
		e.log.line("There is no base stack %s, and so no repository to look for images in.", e.config.BaseStack)
		return ecr.Repository{}, false, nil
	}
	if err != nil {
		return ecr.Repository{}, false, err
	}
	name := base.Outputs["RepositoryName"]
	return ecr.Repository{API: e.ecr, Name: name}, name != "", nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
