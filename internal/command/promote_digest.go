package command

import (
	"context"
	"errors"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/promotion"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
	"pr-stack/internal/timeline"
)

// deployTested brings the permanent stack to the image that was tested, or to one that is built now.
func (p *production) deployTested(ctx context.Context, job config.Promote, found tested) error {
	if job.TemplateProblem != nil {
		return job.TemplateProblem
	}
	stack, err := p.with.stacks.Describe(ctx, job.StackName)
	if err != nil && !errors.Is(err, cfn.ErrNotFound) {
		return err
	}
	if err := p.agree(ctx, stack); err != nil {
		return err
	}
	if job.Image, err = p.toDeploy(ctx, job, found); err != nil {
		return err
	}
	before, _ := p.ledger.Live()
	p.result.From = before
	candidate := release.Generation{Stack: job.StackName, Commit: job.Commit, Tree: found.tree, PullRequest: found.pull.Number}
	if existing, ok := job.Image.(config.Existing); ok {
		candidate.Image = existing.Image
	}
	if err := p.begin(ctx, candidate); err != nil {
		return err
	}
	p.result.To, _ = p.ledger.Find(p.ledger.Candidate)

	p.with.touching = func() { p.result.Untouched = false }
	p.with.canary = canaryWatch{stop: p.stopRequested, onStep: p.onStep}
	deployed, err := deploy(ctx, job.Deploy, p.with.deployClients)
	p.describe(deployed)
	if deployed.Ending == report.Skipped {
		p.result.Ending, p.result.Reason = report.Skipped, deployed.Reason
		return errors.Join(err, p.write(ctx, p.ledger.Dropped()))
	}
	if err != nil {
		return p.notDeployed(ctx, err)
	}
	return p.deployed(ctx, deployed, before)
}

// agree compares the ledger with what the permanent stack runs, which is the truth. Without a ledger, or
// with force, what runs is taken as it is. After a run that was killed, the stack says what became of its
// candidate.
func (p *production) agree(ctx context.Context, stack cfn.Stack) error {
	runs, isUp := stack.Parameters[template.ImageParameter], previous(stack) != nil
	live, known := p.ledger.Live()
	candidate, shifting := p.ledger.Find(p.ledger.Candidate)
	goal, goesBack := p.ledger.Find(p.ledger.Goal)
	switch {
	case goesBack && isUp && goal.Image == runs:
		return p.afterRollback(ctx, goal)
	case shifting && isUp && candidateRuns(candidate, stack):
		return p.write(ctx, p.ledger.Image(candidate.Number, runs, stack.ID).Complete(time.Now()))
	case shifting, goesBack:
		p.ledger = p.ledger.Dropped()
		return p.agree(ctx, stack)
	case !isUp || known && live.Image == runs:
		return nil
	case known && !p.Production.Force:
		return hint.New("promote with force: true to take what runs as it is, or roll back by hand",
			"production is not as it was recorded: the ledger says that generation %d runs %s, and stack %s runs %s", live.Number, live.Image, stack.Name, runs)
	}
	adopted := release.Generation{Stack: stack.Name, StackID: stack.ID, Image: runs, Commit: commitOf(stack)}
	p.with.log.Line("What stack %s runs becomes generation %d of production.", stack.Name, max(p.ledger.Next, 1))
	return p.write(ctx, p.ledger.Adopted(release.Digest, adopted, stack.Changed, ""))
}

// candidateRuns reports whether a stack runs a candidate. The image of one that is built is not known before.
func candidateRuns(candidate release.Generation, stack cfn.Stack) bool {
	if candidate.Image == "" {
		return candidate.Commit != "" && commitOf(stack) == candidate.Commit
	}
	return stack.Parameters[template.ImageParameter] == candidate.Image
}

// toDeploy returns the image that was tested, in the repository of permanent environments, or what to build
// if none was.
func (p *production) toDeploy(ctx context.Context, job config.Promote, found tested) (config.Image, error) {
	switch {
	case found.same:
		copied, err := p.copyImage(ctx, job, found.image)
		return config.Existing{Image: copied.String()}, err
	case job.OnlyTested || job.ExpectDigest != "":
		return nil, found.refuse("test what is merged, with a branch that is up to date before it is merged; or leave require-tested and expect-digest out to have it built now")
	case job.ImageProblem != nil:
		return nil, job.ImageProblem
	}
	p.with.log.Warning("what is promoted was not tested", found.why+" It is built from what is checked out.")
	p.result.Tested = found.why + " It was built for production from what is checked out."
	return job.Image, nil
}

// copyImage copies an image into the repository of permanent environments.
func (p *production) copyImage(ctx context.Context, job config.Promote, from image.Ref) (image.Ref, error) {
	own, _ := template.BaseValues(p.base, true)
	store := p.with.imageStore(job.Deploy, own)
	tag := imageTags(job.Environment, job.StackName, job.ECRRepository, job.BaseStack).For(job.Commit, unique(job.Deploy))
	return runner.Phase(p.with.log, p.with.times, "Image", "Copy the tested image", func(part *timeline.Part) (image.Ref, error) {
		return store.Copy(ctx, part, from, tag)
	})
}

// describe completes the result by what a deployment says.
func (p *production) describe(d *report.Deployment) {
	r := p.result
	r.Stack, r.URL, r.Proof, r.Unproved = d.Stack, d.URL, d.Proof, d.Unproved
	r.To.Image, r.Changes = d.Image, d.Changes
}

// notDeployed records that production stays as it was: CloudFormation rolls a failed update back. If it is
// not known what became of it, the candidate stays in the ledger, and the next run looks at the stack.
func (p *production) notDeployed(ctx context.Context, cause error) error {
	if returned, ok := errors.AsType[*promotion.ReturnedError](cause); ok && len(p.result.Steps) > 0 {
		return p.canaryReturned(ctx, cause, returned)
	}
	if p.result.Untouched {
		return errors.Join(cause, p.write(ctx, p.ledger.Dropped()))
	}
	failed, isFailure := errors.AsType[*cfn.FailedError](cause)
	if !isFailure || failed.NextStep != cfn.RollingBack || ctx.Err() != nil {
		return cause
	}
	return errors.Join(cause, p.write(ctx, p.ledger.Dropped()))
}

// canaryReturned records that a new version had requests, and was taken back.
func (p *production) canaryReturned(ctx context.Context, cause error, returned *promotion.ReturnedError) error {
	if returned.Cause != nil {
		return cause // what the service runs is looked at by the next run
	}
	return errors.Join(cause, p.takenBack(ctx, returned))
}

// deployed records the new generation. A deployment that changed nothing is none.
func (p *production) deployed(ctx context.Context, d *report.Deployment, before release.Generation) error {
	r := p.result
	r.Ending, r.Status = report.Up, report.Promoted
	if d.Status == report.Unchanged && before.Image == d.Image && before.Commit == d.Commit {
		r.Status, r.To = report.Unchanged, before
		return p.write(ctx, p.ledger.Dropped())
	}
	l := p.ledger.Image(p.ledger.Candidate, d.Image, d.Stack.ID).Complete(time.Now())
	if err := p.write(ctx, l); err != nil {
		return hint.New("run the job again: it finds the stack as it is, and records it",
			"production runs the new code, but the ledger could not be written: %v", err)
	}
	r.To = r.Live
	return nil
}
