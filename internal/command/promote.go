package command

import (
	"cmp"
	"context"
	"errors"
	"time"

	"pr-stack/internal/config"
	"pr-stack/internal/ledger"
	"pr-stack/internal/policy"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
)

// promoteClients is what promote and rollback work with.
type promoteClients struct {
	deployClients
	book ledger.Book
}

// promote brings production to what was tested of a commit of its branch: the image, or the requests.
func promote(ctx context.Context, job config.Promote, with promoteClients) (result *report.Promotion, err error) {
	result = &report.Promotion{Run: with.run, Untouched: true}
	result.Commit = job.Commit
	now, err := with.book.Read(ctx)
	if err != nil {
		return result, err
	}
	describeLedger(result, now)
	base, err := with.rollout.Base(ctx, job.BaseStack, with.run.Region)
	if err != nil {
		return result, err
	}
	result.By = wayOf(job.Production, base)
	if !policy.Promotes(now.Locked != nil, job.ByHand) {
		result.Ending = report.Skipped
		return result, nil
	}
	if skip, err := overtaken(ctx, job, with); skip != nil || err != nil {
		return skippedPromotion(result, skip), err
	}
	found, err := findTested(ctx, job, base, with)
	if err != nil {
		return result, err
	}
	result.Tested = found.why
	with.log.Line("%s", found.why)

	p := production{Production: job.Production, Deploy: job.Deploy, base: base, result: result, with: with}
	unlock, err := p.lock(ctx)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	// What another run did before it gave the lock away counts.
	if p.ledger, err = with.book.ReadLast(ctx); err != nil {
		return result, err
	}
	describeLedger(result, p.ledger)
	if !policy.Promotes(p.ledger.Locked != nil, job.ByHand) {
		result.Ending = report.Skipped
		return result, nil
	}
	p.ledger = p.ledger.Unlocked()
	p.ledger.KeepFor = job.KeepFor
	if result.By.MovesTraffic() {
		with.publisher.Promoting(ctx, job.Commit)
		return result, p.shiftTo(ctx, job, found)
	}
	return result, p.deployTested(ctx, job, found)
}

// wayOf returns what a promotion moves: what the input says, else what the base stack says.
func wayOf(p config.Production, base map[string]string) release.Way {
	return release.Way(cmp.Or(string(p.By), base[promoteBy], string(config.ByDigest)))
}

// overtaken returns why a commit is not promoted any more: the branch has a newer one.
func overtaken(ctx context.Context, job config.Promote, with promoteClients) (*policy.Skip, error) {
	if with.github == nil || job.ByHand || job.Branch == "" {
		return nil, nil
	}
	head, err := with.github.Head(ctx, job.Branch)
	if err != nil {
		return nil, err
	}
	return policy.Newest(job.Branch, job.Commit, head), nil
}

func skippedPromotion(result *report.Promotion, skip *policy.Skip) *report.Promotion {
	if skip != nil {
		result.Ending, result.Reason = report.Skipped, skip.Reason
	}
	return result
}

// describeLedger says in a result what the ledger knows of production.
func describeLedger(result *report.Promotion, l release.Ledger) {
	result.Locked, result.Live = l.Locked, release.Generation{}
	if l.Status == release.Stable {
		result.Live, _ = l.Live()
	}
}

// production is one run's work on production.
type production struct {
	config.Production
	config.Deploy // of the permanent environment
	base          map[string]string
	ledger        release.Ledger
	result        *report.Promotion
	with          promoteClients
	stopBefore    string // process that asked an earlier promotion to stop; "" if none did
}

// lock takes the lock on production, and returns the function that releases it.
func (p *production) lock(ctx context.Context) (unlock func() error, err error) {
	before, err := p.with.book.Lock(ctx, p.Production.Force)
	if err != nil {
		return nil, err
	}
	if before.Process != "" {
		p.with.log.Notice("the lock on production was taken over", "it was held by "+before.Words())
	}
	return p.unlocking(ctx), nil
}

// unlocking returns the function that releases the lock.
func (p *production) unlocking(ctx context.Context) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
		defer cancel()
		return p.with.book.Unlock(ctx)
	}
}

// unlockTimeout is how long a run tries to release the lock; a cancelled one has seven seconds in total. A
// lock that stays is taken over once GitHub says that the run is over.
const unlockTimeout = 2 * time.Second

// write records the ledger, also if the run was cancelled meanwhile.
func (p *production) write(ctx context.Context, l release.Ledger) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
	defer cancel()
	p.ledger = l
	describeLedger(p.result, l)
	return p.with.book.Write(ctx, l)
}
