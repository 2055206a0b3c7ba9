package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/policy"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// sweptProduction is what a sweep knows of production.
type sweptProduction struct {
	serving
	ledger release.Ledger
	unread error // why the ledger could not be read
}

// readProduction reads the ledger, unless no environment of a pull request becomes production. By digest, an
// unread ledger only means that an environment stays a day longer.
func readProduction(ctx context.Context, s serving) sweptProduction {
	p := sweptProduction{serving: s}
	if s.by() == "" {
		return p
	}
	p.ledger, p.unread = s.book.Read(ctx)
	return p
}

// problem returns why nothing may be deleted, or nil.
func (p sweptProduction) problem() error {
	if p.unread == nil || !p.movesTraffic() {
		return nil
	}
	return fmt.Errorf("sweep: nothing is deleted as long as it is not known what serves production: %w", p.unread)
}

// explain logs what follows if the ledger could not be read and environments are deleted nevertheless, and
// what a person should know of production. The role that sweeps may not move production's requests: whoever
// may, decides what users get.
func (p sweptProduction) explain(log *runner.Log) {
	if p.ledger.Status == release.Shifting || p.ledger.Status == release.GoesBack {
		log.Warning("production is "+string(p.ledger.Status), "since a run that may be over: "+cmp.Or(p.ledger.Run, "one outside GitHub")+
			". If it is, run the command rollback, or promote by hand: either begins by giving all requests to one generation")
	}
	if p.unread != nil && p.problem() == nil {
		log.Line("Environments of merged pull requests are kept for a day: it is not known whose image was promoted: %s", awsconfig.Message(p.unread))
	}
}

// standing returns what an environment is to production, according to the ledger.
func (p sweptProduction) standing(e admission.Preview, now time.Time) policy.Standing {
	standing := policy.Standing{Promoted: p.ledger.Promoted(e.Environment.PullRequest, e.Stack.Name)}
	if p.problem() != nil {
		standing.Stays = "it is not known what serves production"
		return standing
	}
	switch retirement, g := p.ledger.Retire(e.Stack.Name, now); retirement {
	case release.NotRetired:
		standing.Stays = inLedger(p.ledger, e.Stack.Name)
	case release.Standby, release.Resting:
		standing.Stays = "it may be rolled back to: " + g.Out()
	case release.Retired:
		standing.Retired = g.Out()
	}
	return standing
}

// isResting reports whether a stack is to have 0 tasks, and returns which generation it was.
func (p sweptProduction) isResting(stack string) (bool, release.Generation) {
	retirement, g := p.ledger.Retire(stack, time.Now())
	return retirement == release.Resting && p.movesTraffic() && p.problem() == nil, g
}

// rest scales a stack to 0 tasks that is on its way out of production. It reports whether there was anything
// to do. Other environments may have been deleted for minutes, so production is looked at again.
func (s sweeper) rest(ctx context.Context, p admission.Preview) (done bool, outcome report.Outcome, why string, err error) {
	if resting, _ := s.production.isResting(p.Stack.Name); !resting || !policy.IsOurs(s.candidate(p), s.limits()) {
		return false, "", "", nil
	}
	s.production = readProduction(ctx, s.production.serving)
	resting, g := s.production.isResting(p.Stack.Name)
	if !resting {
		return false, "", "", nil
	}
	scaled, leads, err := s.scale(ctx, p.Stack)
	switch {
	case err != nil:
		return true, report.SweepFailed, awsconfig.Message(err), fmt.Errorf("sweep %s: %w", p.Environment.Name, err)
	case leads != "":
		return true, report.SweepKept, leads, nil
	case !scaled:
		return false, "", "", nil
	case s.job.DryRun:
		return true, report.SweepWouldScale, g.Out(), nil
	}
	return true, report.SweepScaled, g.Out(), nil
}

// scale scales a stack's services to 0 tasks, unless something of production leads to it. It reports whether
// any had another number.
func (s sweeper) scale(ctx context.Context, stack cfn.Stack) (scaled bool, leads string, err error) {
	if leads, err := s.production.leads(ctx, stack); leads != "" || err != nil {
		return false, leads, err
	}
	own, err := s.production.resources(ctx, stack.ID)
	if err != nil {
		return false, "", err
	}
	for _, arn := range own["AWS::ECS::Service"] {
		service := ecs.Service{API: s.with.serving.ecs, ARN: arn}
		count, err := service.Desired(ctx)
		if err == nil && count > 0 && !s.job.DryRun {
			err = service.Scale(ctx, 0)
		}
		if err != nil {
			return false, "", err
		}
		scaled = scaled || count > 0
	}
	return scaled, "", nil
}

// mayDelete is asked directly before an environment is deleted. Minutes have passed since the sweep began, in
// which it may have been deployed to, or promoted.
func (s sweeper) mayDelete(ctx context.Context, p admission.Preview) error {
	s.production = readProduction(ctx, s.production.serving)
	if err := s.production.problem(); err != nil {
		return err
	}
	if expired, why := s.expired(ctx, p, nil); !expired {
		return admission.Halt(&policy.Skip{Reason: why})
	}
	return s.checkLeads(ctx, p)
}

// checkLeads returns an error, which is a skip, if something of production leads to an environment.
func (s sweeper) checkLeads(ctx context.Context, p admission.Preview) error {
	why, err := s.production.leads(ctx, p.Stack)
	if err == nil && why != "" {
		err = admission.Halt(&policy.Skip{Reason: why})
	}
	return err
}

// unprotected calls a function that deletes an environment, without the termination protection that it has
// since it served production. If it is not deleted then, it has the protection again.
func (s sweeper) unprotected(ctx context.Context, p admission.Preview, remove func() error) error {
	if !p.Stack.Protected {
		return remove()
	}
	if err := s.mayDelete(ctx, p); err != nil {
		return err
	}
	if err := s.with.stacks.Protect(ctx, p.Stack.ID, false); err != nil {
		return err
	}
	err := remove()
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second) // also after an interruption
	defer cancel()
	if failed := s.with.stacks.Protect(ctx, p.Stack.ID, true); failed != nil && !errors.Is(failed, cfn.ErrNotFound) {
		s.with.log.Line("%s", awsconfig.Message(failed))
	}
	return err
}
