package command

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
	"pr-stack/internal/template"
)

// deploy gives the environment the commit at hand: image, stack, and the proof that what answers is the new code.
func deploy(ctx context.Context, e *edges) (report.Result, error) {
	result := known(e.config)
	phases := phases{log: e.log, times: e.times}
	err := e.deploy(ctx, &result, &phases)
	// A run that fails because another is at work on the same stack has nothing to tell but that.
	if _, ok := errors.AsType[*overtaken](err); err != nil && !ok && ctx.Err() == nil {
		if late := e.stillWanted(ctx); late != nil {
			e.log.line("%s", brief(err))
			err = late
		}
	}
	if o, ok := errors.AsType[*overtaken](err); ok {
		err = e.standDown(ctx, &result, &phases, o)
	}
	result.Phases, result.Bars = phases.list, e.bars()
	return result, err
}

func (e *edges) deploy(ctx context.Context, result *report.Result, phases *phases) error {
	if err := e.excluded(ctx); err != nil {
		return err
	}
	boundary, err := e.boundary(ctx)
	if err != nil {
		return err
	}
	// What can be found wrong in a second is found before minutes go into a build.
	plan, err := e.plan(ctx, boundary)
	if err != nil {
		return err
	}
	if err := e.mayTouch(ctx, result.StackName); err != nil {
		return err
	}
	if err := e.stillWanted(ctx); err != nil {
		return err
	}
	if err := e.roomFor(ctx, result.StackName); err != nil {
		return err
	}
	image, err := e.image(ctx, boundary, phases)
	if err != nil {
		return err
	}
	result.Image, result.ImageDigest = image.ref, image.digest

	for range attempts {
		err = e.bringUp(ctx, result, phases, plan, image)
		if _, ours := errors.AsType[*cfn.FailedError](err); err == nil || ours || !e.undone(ctx, result.StackID, err) {
			break
		}
		e.log.line("Stack %s was changed or deleted meanwhile, by another run or by hand: it is brought up again.", result.StackName)
	}
	if err != nil {
		return err
	}
	asked := time.Now()
	if err := e.stillWanted(ctx); err != nil {
		return err
	}
	if time.Since(asked) > staleAfter {
		_, err = e.ready(ctx, result.StackID, image, result.URL)
	}
	return err
}

// attempts is how often a stack is brought up that others change.
const attempts = 3

// bringUp deploys the stack and waits until the new code answers.
func (e *edges) bringUp(ctx context.Context, result *report.Result, phases *phases, plan plan, image image) error {
	own := e.own(image.ref)
	err := phases.run("Stack", "Deploy stack "+result.StackName, func() (string, error) {
		stack, outcome, err := e.deployStack(ctx, plan, own)
		result.StackID, result.StackOutputs = stack.ID, stack.Outputs
		result.Status = report.Status(outcome)
		if err == nil {
			result.Age, result.Price = time.Since(stack.Created), inWords(priceOf(plan.body, stack))
		}
		return string(outcome), err
	})
	if err != nil {
		return err
	}
	result.URL, _ = template.URL(result.StackOutputs)
	return phases.run("URL", "Wait until the new code answers", func() (string, error) {
		digest, err := e.ready(ctx, result.StackID, image, result.URL)
		if digest != "" {
			result.ImageDigest = digest
		}
		if err == nil {
			e.log.line("  a task runs %s, it is healthy, and the URL answers", image.ref)
		}
		if errors.Is(err, errNotReady) {
			err = e.examineReadiness(ctx, result.StackID, err)
		}
		return result.URL, err
	})
}

// undone tells whether the stack is not any more what this run made of it: deleted, or another commit's. What is in it
// tells sooner than the stack, of which a read may be old.
func (e *edges) undone(ctx context.Context, stackID string, err error) bool {
	if stackID == "" || ctx.Err() != nil {
		return false
	}
	if errors.Is(err, ecs.ErrGone) || errors.Is(err, elb.ErrGone) || errors.Is(err, errUndone) {
		return true
	}
	stack, err := e.stacks.Describe(ctx, stackID)
	switch {
	case notFound(err):
		return true
	case err != nil:
		return false
	case stack.Status == types.StackStatusDeleteInProgress, stack.Status == types.StackStatusDeleteComplete:
		return true
	}
	return e.config.Commit != "" && stack.Tags[environment.TagCommit] != e.config.Commit
}
