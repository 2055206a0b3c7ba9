package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/release"
)

// restore makes what AWS has and what the ledger says the same. What a run has left that was killed goes
// back to the stable generation. Any other difference is refused unless force is set: then the ledger counts.
func (p *production) restore(ctx context.Context, road road) error {
	live, err := road.traffic.Read(ctx)
	if err != nil {
		return err
	}
	p.result.Weights = live
	if p.ledger.Compare(live) != "" {
		p.result.Live = release.Generation{} // which is not what the ledger says
	}
	stable, known := p.ledger.Live()
	switch {
	case p.ledger.Next == 0 && len(live) == 0:
		return nil // nothing was promoted yet
	case p.ledger.Candidate != 0 || p.ledger.Goal != 0:
		return p.afterKilled(ctx, road, live)
	case p.ledger.Compare(live) == "":
		return nil
	case !p.Production.Force:
		return hint.New("find out who has changed it; then promote or roll back with force: true, which makes it what the ledger says",
			"production is not as it was recorded: %s", p.ledger.Compare(live))
	case !known:
		return p.adopt(ctx, live)
	}
	p.with.log.Line("%s is set to what the ledger says: %s.", road.traffic.What, release.Only(stable.Stack))
	return p.put(ctx, road, live, stable)
}

// put gives all requests to a generation.
func (p *production) put(ctx context.Context, road road, live release.Weights, to release.Generation) error {
	if err := road.traffic.Write(ctx, live, release.Only(to.Stack)); err != nil {
		return err
	}
	p.result.Weights = release.Only(to.Stack)
	return p.write(ctx, p.ledger.Returned(to.Number, time.Now().UTC(), nil))
}

// afterKilled takes the requests back that a run has shifted which did not end. If there was no generation
// before, the candidate keeps what it has: it is better than nothing.
func (p *production) afterKilled(ctx context.Context, road road, live release.Weights) error {
	candidate, _ := p.ledger.Find(p.ledger.Candidate)
	stable, known := p.ledger.Live()
	switch goal, goesBack := p.ledger.Find(p.ledger.Goal); {
	case goesBack:
		if err := road.traffic.Write(ctx, live, release.Only(goal.Stack)); err != nil {
			return err
		}
		p.result.Weights, p.result.Untouched = release.Only(goal.Stack), false
		return p.afterRollback(ctx, goal)
	case known && maps.Equal(live, release.Only(stable.Stack)):
		return p.write(ctx, p.ledger.Returned(stable.Number, time.Now().UTC(), nil))
	case known:
		p.with.log.Warning("an earlier run did not end", fmt.Sprintf("it left %s at %s; all requests go back to generation %d", road.traffic.What, live, stable.Number))
		return p.put(ctx, road, live, stable)
	case len(live) == 0:
		return p.write(ctx, p.ledger.Returned(0, time.Now().UTC(), nil))
	}
	p.with.log.Warning("an earlier run did not end", fmt.Sprintf("it left %s at %s; generation %d stays, since there was none before", road.traffic.What, live, candidate.Number))
	if only := release.Only(candidate.Stack); !maps.Equal(live, only) {
		if err := road.traffic.Write(ctx, live, only); err != nil {
			return err
		}
		p.result.Weights = only
	}
	return p.write(ctx, p.ledger.Complete(time.Now().UTC()))
}

// afterRollback records a rollback whose run did not end. Production is locked, as after every rollback.
func (p *production) afterRollback(ctx context.Context, goal release.Generation) error {
	now := time.Now().UTC()
	why := &release.Locked{Since: now, By: p.ledger.Run, Reason: fmt.Sprintf("it was rolled back to generation %d by a run that did not end", goal.Number)}
	if err := p.write(ctx, p.ledger.Returned(goal.Number, now, why)); err != nil || p.ByHand {
		return err
	}
	return hint.New("to promote, start this workflow by hand (workflow_dispatch)",
		"production was being rolled back by %s, which did not end; it has generation %d now, and is locked", p.ledger.Run, goal.Number)
}

// adopt makes what has all requests a generation: somebody made the rule or the record by hand.
func (p *production) adopt(ctx context.Context, live release.Weights) error {
	for stack, percent := range live {
		if percent != 100 {
			break
		}
		p.with.log.Line("What has production's requests, %s, becomes generation %d.", stack, max(p.ledger.Next, 1))
		return p.write(ctx, p.ledger.Adopted(p.result.By, release.Generation{Stack: stack}, time.Now().UTC(), ""))
	}
	return hint.New("give all requests to one of them first", "production's requests go to %s, so there is no one generation to go on from", live)
}

// shiftBack gives all requests to a generation in one call. If it was scaled down, its tasks are started
// first.
func (p *production) shiftBack(ctx context.Context, target release.Generation) error {
	road, err := p.road(ctx)
	if err != nil {
		return err
	}
	p.result.URL = road.url()
	backend, exists := road.backends[target.Stack]
	if !exists {
		return hint.New("promote a commit that has what production should run",
			"roll back to generation %d: its stack %s does not exist any more", target.Number, target.Stack)
	}
	if err := p.bringBackToSize(ctx, road, target); err != nil {
		return err
	}
	took, err := p.with.promotion.Back(ctx, road.traffic, release.Only(backend.Stack))
	p.with.log.Line("All requests go to stack %s, %s after they were asked to.", backend.Stack, took.Round(100*time.Millisecond))
	if err == nil {
		p.result.Weights = release.Only(backend.Stack)
	}
	return err
}

// bringBackToSize gives the generation as many tasks as the one has that it replaces. New tasks need its image.
func (p *production) bringBackToSize(ctx context.Context, road road, target release.Generation) error {
	from, found := road.backends[p.result.From.Stack]
	to := road.backends[target.Stack]
	if !found || from.Service == "" || to.Service == "" {
		return nil
	}
	want, err := p.with.promotion.Count(ctx, from)
	has, errHas := p.with.promotion.Count(ctx, to)
	if err = errors.Join(err, errHas); err != nil || has >= want {
		return err
	}
	if err := p.with.imageStore(p.Deploy, p.base).Check(ctx, image.Parse(target.Image)); err != nil {
		return hint.Wrap(err, fmt.Sprintf("stack %s runs %d of %d tasks, and more need the image: push it again, or promote a commit", target.Stack, has, want))
	}
	return p.with.promotion.Scale(ctx, to, want)
}

// firstPriority returns above which priority the rules of this service on the shared listener are.
func firstPriority(base map[string]string) int {
	first, _ := strconv.Atoi(base["FirstPriority"])
	return first
}
