package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/admission"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// rollback gives production back to the generation before, without building anything, and locks it. A
// promotion that is under way is stopped.
func rollback(ctx context.Context, job config.Rollback, with promoteClients) (result *report.Promotion, err error) {
	began := time.Now()
	result = &report.Promotion{Run: with.run, Back: true, Untouched: true}
	now, err := with.book.Read(ctx)
	if err != nil {
		return result, err
	}
	describeLedger(result, now)
	base, err := with.rollout.Base(ctx, job.BaseStack, with.run.Region)
	if err != nil {
		return result, err
	}
	p := production{Production: job.Production, Deploy: job.Deploy, base: base, result: result, with: with}
	unlock, stopped, err := p.lockOrStop(ctx, now)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if p.ledger, err = with.book.ReadLast(ctx); err != nil {
		return result, err
	}
	result.By = p.ledger.By
	if stopped && p.ledger.Status == release.Stable && p.ledger.Stable == now.Stable {
		return result, p.returnedByItself(ctx, now, began)
	}
	target, found := p.ledger.Target()
	if !found {
		return result, hint.New("promote what production should run",
			"roll back: the ledger %s has no generation before", ledger.Name(job.Service, job.Environment.Name, "ledger"))
	}
	result.From, result.To = p.from(), target
	if err := p.write(ctx, p.ledger.Return(target.Number, job.RunURL)); err != nil {
		return result, err
	}
	result.Untouched = false
	with.publisher.Promoting(ctx, target.Commit)
	if p.ledger.By.MovesTraffic() {
		err = p.shiftBack(ctx, target)
	} else {
		err = p.deployAgain(ctx, target)
	}
	if err != nil {
		return result, err
	}
	result.Seconds = time.Since(began).Seconds()
	return result, p.rolledBack(ctx, target)
}

// from returns the generation from which requests are taken: the candidate of a promotion that did not end,
// or the one that has them all.
func (p *production) from() release.Generation {
	if g, shifting := p.ledger.Find(p.ledger.Candidate); shifting {
		return g
	}
	live, _ := p.ledger.Live()
	return live
}

// rolledBack records that the generation has all requests again, and locks production.
func (p *production) rolledBack(ctx context.Context, target release.Generation) error {
	p.result.Ending, p.result.Status = report.Up, report.RolledBack
	why := &release.Locked{Since: time.Now().UTC(), By: p.RunURL, Reason: fmt.Sprintf("it was rolled back from generation %d to %d", p.result.From.Number, target.Number)}
	err := p.write(ctx, p.ledger.Returned(target.Number, time.Now().UTC(), why))
	if err != nil {
		return hint.New("run the job again: it finds production as it is, and records it",
			"production is rolled back, but the ledger could not be written: %v", err)
	}
	return nil
}

// returnedByItself says what a promotion did that was asked to stop.
func (p *production) returnedByItself(ctx context.Context, before release.Ledger, began time.Time) error {
	r := p.result
	r.Untouched = false
	r.From, _ = before.Find(before.Candidate)
	r.To, _ = p.ledger.Live()
	r.Seconds = time.Since(began).Seconds()
	return p.rolledBack(ctx, r.To)
}

// stopTimeout is how long a promotion that is asked to stop may take until it has released the lock: it looks
// every ten seconds, and an update of a stack is cancelled.
const stopTimeout = 3 * time.Minute

// lockOrStop takes the lock. If a promotion has it, that one is asked to go back, which it can do at once: it
// is at the place. If it does not, the lock is taken from it.
func (p *production) lockOrStop(ctx context.Context, before release.Ledger) (unlock func() error, stopped bool, err error) {
	unlock, err = p.lock(ctx)
	if !errors.Is(err, ledger.ErrHeld) {
		return unlock, false, err
	}
	p.with.log.Line("%s", message(err))
	if before.Status != release.Shifting {
		return nil, false, err
	}
	p.with.log.Line("It is asked to stop.")
	if err := p.with.book.Stop(ctx); err != nil {
		return nil, false, err
	}
	_, err = p.with.book.LockWithin(ctx, stopTimeout)
	if errors.Is(err, ledger.ErrHeld) {
		p.with.log.Warning("the lock is taken from a promotion", fmt.Sprintf("it did not stop within %s", stopTimeout))
		_, err = p.with.book.Lock(ctx, true)
	}
	return p.unlocking(ctx), true, errors.Join(err, p.with.book.ForgetStop(context.WithoutCancel(ctx)))
}

// deployAgain brings the permanent stack back to the image of a generation. Its template stays as it is.
func (p *production) deployAgain(ctx context.Context, target release.Generation) error {
	stack, err := admission.Existing(ctx, p.with.stacks, p.Environment, p.Owner(), p.StackName)
	if err != nil {
		return err
	}
	ref := image.Parse(target.Image)
	if err := p.stillThere(ctx, ref); err != nil {
		return err
	}
	spec, err := p.with.rollout.Again(ctx, stack, map[string]string{
		template.ImageParameter: target.Image, template.CommitParameter: target.Commit,
		template.BuildInputsParameter: "", template.BuiltCommitParameter: "",
		template.CanaryPercentParameter: "100", "BakeMinutes": "0", // nobody waits for it to be judged
	})
	if err != nil {
		return err
	}
	spec.RoleARN, spec.Timeout = p.RoleARN, p.Timeout
	spec.Inputs = diagnosis.Inputs{Own: true, Image: true, HealthCheckPath: p.HealthCheckPath}
	spec.Allow = func(_ context.Context, now cfn.Stack) error {
		return admission.CheckOwner(p.Environment, p.Owner(), now)
	}
	release, err := p.with.bringBack(ctx, spec, rollout.Goal{
		Path: p.HealthCheckPath, Timeout: p.HealthCheckTimeout, Replaced: replaced(spec.Plan), Access: accessOf(spec.Plan),
	})
	r := p.result
	r.Stack = report.Stack{Name: stack.Name, ID: release.Stack.ID, Outputs: release.Stack.Outputs, Created: stack.Created}
	r.URL, r.Proof, r.Unproved = release.URL, release.Proof.Held(), release.Proof.Unchecked()
	r.Unproved = append(r.Unproved, "The stack's template and other parameters are those of the last deployment: only the image is the earlier one.")
	return err
}

// stillThere returns an error if the image of a generation was deleted.
func (p *production) stillThere(ctx context.Context, ref image.Ref) error {
	own, _ := template.BaseValues(p.base, true)
	err := p.with.imageStore(p.Deploy, own).Check(ctx, ref)
	if errors.Is(err, image.ErrGone) {
		return hint.Wrap(err, "promote a commit that has what production should run, or push the image again")
	}
	return err
}
