package rollout

import (
	"context"
	"errors"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/template"
)

// Goal says when a stack counts as up.
type Goal struct {
	Path    string        // that must answer at the stack's URL
	Timeout time.Duration // how long that may take, once the stack is complete
	// Replaced reports whether another run has changed the stack since. It is given the current stack.
	Replaced func(cfn.Stack) bool
	Access   Access
}

// Release is the result of bringing a stack up. After an error it holds what is known so far.
type Release struct {
	Applied
	Complete bool // CloudFormation is done
	URL      string
	Proof    Proof
	want     Want
}

// attempts is how often BringUp tries at most if others change the stack.
const attempts = 3

// BringUp applies the stack and waits until the new code answers. If another run changes or deletes
// the stack meanwhile, it begins again.
func (c Clients) BringUp(ctx context.Context, spec Spec, goal Goal) (Release, error) {
	release, err := c.bringUp(ctx, spec, goal)
	for n := 1; n < attempts && c.wasReplaced(ctx, release, err, goal); n++ {
		c.Log.Line("Stack %s was changed or deleted meanwhile, by another run or by hand: deploying it again.", spec.Name)
		release, err = c.bringUp(ctx, spec, goal)
	}
	return release, err
}

func (c Clients) bringUp(ctx context.Context, spec Spec, goal Goal) (Release, error) {
	applied, complete, err := c.applyWithTasks(ctx, spec)
	release := Release{Applied: applied, Complete: complete}
	if complete {
		release.URL, _ = template.URL(applied.Stack.Outputs)
	}
	if err == nil && spec.Protect && !applied.Stack.Protected {
		err = c.stacks(nil).Protect(ctx, applied.Stack.ID, true)
	}
	if err != nil {
		return release, err
	}
	image := spec.Plan.Image()
	release.want = Want{
		Stack: applied.Stack, Image: image, Digest: digest(image), URL: release.URL, Path: goal.Path,
		Timeout: goal.Timeout, Inputs: spec.Inputs, Replaced: goal.Replaced, Access: goal.Access, made: applied.made,
		isNew: applied.Outcome == cfn.Created || applied.Outcome == cfn.Recreated,
	}
	release.Proof, err = c.Prove(ctx, release.want)
	release.want.steady = release.Proof.want.steady
	return release, err
}

// ProveAgain waits until everything that a release has proved holds again.
func (c Clients) ProveAgain(ctx context.Context, r Release) error {
	_, err := c.Prove(ctx, r.want)
	return err
}

// wasReplaced reports whether bringing the stack up failed because another run changed or deleted it.
func (c Clients) wasReplaced(ctx context.Context, r Release, err error, goal Goal) bool {
	if _, failed := errors.AsType[*cfn.FailedError](err); err == nil || failed {
		return false
	}
	changed := goal.Replaced
	if !cfn.InProgress(r.Stack.Status) {
		// CloudFormation refused the call: the stack still has the previous commit, but not because
		// another run changed it.
		changed = func(cfn.Stack) bool { return false }
	}
	return errors.Is(err, ErrReplaced) || !r.Complete && c.replaced(ctx, r.Stack.ID, changed)
}
