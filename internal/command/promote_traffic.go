package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/promotion"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
)

// shiftTo shifts production's requests to the environment that was tested, step by step.
func (p *production) shiftTo(ctx context.Context, job config.Promote, found tested) error {
	if !found.same {
		return found.refuse("test what is merged, with a branch that is up to date before it is merged; or promote by digest, which builds it")
	}
	if len(job.ParameterOverrides) > 0 {
		p.with.log.Warning("parameter-overrides have no effect", "by "+string(p.result.By)+", the environment becomes production as it was tested; promote by digest to give production other parameters")
	}
	p.result.Stack = report.Stack{Name: found.stack.Name, ID: found.stack.ID, Outputs: found.stack.Outputs, Created: found.stack.Created}
	road, err := p.road(ctx, found.stack.Name)
	if err != nil {
		return err
	}
	p.result.URL = road.url()
	if err := p.restore(ctx, road); err != nil {
		return err
	}
	before, _ := p.ledger.Live()
	p.result.From = before
	if before.Stack == found.stack.Name && before.Image == found.image.String() {
		p.result.Ending, p.result.Status, p.result.To = report.Up, report.Unchanged, before
		return p.write(ctx, p.ledger)
	}
	if err := checkData(job, found.stack.Name, road.resources[found.stack.Name]); err != nil {
		return err
	}
	shift := p.shift(job, road, before.Stack, found.stack.Name)
	if err := p.with.promotion.Ready(ctx, shift); err != nil {
		return err
	}
	if err := p.fence(ctx, found.stack); err != nil {
		return err
	}
	if err := p.bringToSize(ctx, road, before.Stack, found.stack.Name); err != nil {
		return err
	}
	candidate := release.Generation{
		Stack: found.stack.Name, StackID: found.stack.ID, Image: found.image.String(),
		Commit: job.Commit, Tree: found.tree, PullRequest: found.pull.Number,
	}
	if err := p.begin(ctx, candidate); err != nil {
		return err
	}
	p.result.To, _ = p.ledger.Find(p.ledger.Candidate)
	return p.shifted(ctx, p.with.promotion.Shift(ctx, shift))
}

// shift returns what is shifted, and how.
func (p *production) shift(job config.Promote, road road, from, to string) promotion.Shift {
	return promotion.Shift{
		Traffic: road.traffic, From: road.backends[from], To: road.backends[to],
		Steps: job.Gates.Steps, Bake: bakeTime(job.Gates, p.result.By), Limits: limitsOf(job.Gates), Alarms: job.Gates.Alarms,
		URL: road.url(), Path: job.HealthCheckPath, Stop: p.stopRequested, OnStep: p.onStep,
		OnWeights: func(ctx context.Context, w release.Weights) error {
			p.result.Weights, p.result.Untouched = w, false
			return p.write(ctx, p.ledger.Shifted(w))
		},
	}
}

// onStep keeps a step in the result.
func (p *production) onStep(s promotion.Step) {
	p.result.Steps = withStep(p.result.Steps, report.Step(s))
}

// withStep returns the steps with one that began, or that ended.
func withStep(steps []report.Step, s report.Step) []report.Step {
	if n := len(steps); n > 0 && steps[n-1].Percent == s.Percent && steps[n-1].Began.Equal(s.Began) {
		steps = steps[:n-1]
	}
	return append(steps, s)
}

// shifted records how a shift ended.
func (p *production) shifted(ctx context.Context, err error) error {
	r := p.result
	if err == nil {
		r.Ending, r.Status = report.Up, report.Promoted
		if err := p.write(ctx, p.ledger.Complete(time.Now().UTC())); err != nil {
			return hint.New("run the job again: it finds production as it is, and records it",
				"production has all requests, but the ledger could not be written: %v", err)
		}
		r.To = r.Live
		return nil
	}
	returned, ok := errors.AsType[*promotion.ReturnedError](err)
	switch {
	case !ok && len(r.Steps) == 0: // nothing was shifted
		err = errors.Join(err, p.write(ctx, p.ledger.Returned(r.From.Number, time.Now().UTC(), nil)))
		if r.Weights = nil; errors.Is(err, promotion.ErrChanged) {
			r.Live = release.Generation{}
		}
		return err
	case !ok: // what is in effect is not known, and the next run restores it
		r.Weights, r.Live = nil, release.Generation{}
		return err
	case returned.Cause != nil: // the next run completes it
		r.Weights, r.Live = nil, release.Generation{}
		if r.From.Number == 0 {
			return err
		}
		return errors.Join(err, p.write(ctx, p.ledger.Return(r.From.Number, p.RunURL)))
	}
	return errors.Join(err, p.takenBack(ctx, returned))
}

// takenBack records that the generation before has all requests again, and locks production.
func (p *production) takenBack(ctx context.Context, returned *promotion.ReturnedError) error {
	r, now := p.result, time.Now().UTC()
	r.Seconds = returned.Took.Seconds()
	why := &release.Locked{Since: now, By: p.RunURL, Reason: fmt.Sprintf("generation %d was taken back: %s", r.To.Number, returned.Why)}
	return p.write(ctx, p.ledger.Returned(r.From.Number, now, why))
}

// fence keeps a stack from being deleted, and from being updated with the rights of pull requests' jobs. It
// changes no tag: that would update every resource.
func (p *production) fence(ctx context.Context, stack cfn.Stack) error {
	p.with.log.Line("Stack %s may become production: its termination protection is on, and a stack policy denies updates.", stack.Name)
	return errors.Join(p.with.stacks.Protect(ctx, stack.ID, true), p.with.stacks.SetPolicy(ctx, stack.ID, denyUpdates))
}

// denyUpdates is a stack policy. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
const denyUpdates = `{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`

// bringToSize gives the candidate as many tasks as the stable generation has.
func (p *production) bringToSize(ctx context.Context, road road, from, to string) error {
	stable, found := road.backends[from]
	if !found || stable.Service == "" || from == to {
		return nil
	}
	count, err := p.with.promotion.Count(ctx, stable)
	if err != nil {
		return err
	}
	return p.with.promotion.Scale(ctx, road.backends[to], count)
}

// checkData refuses an environment with data of its own: production's are elsewhere.
func checkData(job config.Promote, stack string, resources []cfn.Resource) error {
	var kinds []string
	for _, r := range resources {
		if release.HoldsData(r.Type) {
			kinds = append(kinds, fmt.Sprintf("%s (%s)", r.LogicalID, r.Type))
		}
	}
	if len(kinds) == 0 || job.SharesData {
		return nil
	}
	return hint.New("promote by digest, or set shares-data: true if these are what production uses as well",
		"promote stack %s: it has data of its own, which production's requests would get: %s", stack, strings.Join(kinds, ", "))
}

// road is how production's requests reach stacks.
type road struct {
	host      string
	traffic   promotion.Traffic
	backends  map[string]promotion.Backend // by the stack's name
	resources map[string][]cfn.Resource    // likewise
}

func (r road) url() string { return "https://" + r.host }

// road returns how production's requests reach the generations that still exist, and more stacks.
func (p *production) road(ctx context.Context, more ...string) (road, error) {
	return newRoad(ctx, p.with.stacks, p.with.promotion, p.base, p.ledger, wayAndHost{p.result.By, p.Service, p.Environment.Name, p.Hostname}, more...)
}

// wayAndHost is what moves production's requests, and for which host.
type wayAndHost struct {
	by                   release.Way
	service, environment string
	hostname             string // as the user gave it, or ""
}

// host returns production's host name.
func (w wayAndHost) host(base map[string]string) (string, error) {
	switch {
	case w.hostname != "":
		return w.hostname, nil
	case base["Domain"] == "":
		return "", hint.New("run bootstrap with domain, or promote by digest",
			"production has no host name: the base stack has no domain, which promoting by %s needs", w.by)
	}
	return environment.Permanent(w.service, w.environment).Hostname(base["Domain"]), nil
}

func newRoad(
	ctx context.Context, stacks *cfn.Client, clients promotion.Clients, base map[string]string, l release.Ledger, w wayAndHost, more ...string,
) (r road, err error) {
	if r.host, err = w.host(base); err != nil {
		return r, err
	}
	listener := base["HttpsListenerArn"]
	if w.by == release.Record {
		listener = ""
	} else if listener == "" {
		return r, hint.New("run bootstrap with ingress shared and domain, or promote by digest",
			"promote by listener: the base stack has no load balancer that environments share")
	}
	r.backends, r.resources = map[string]promotion.Backend{}, map[string][]cfn.Resource{}
	for _, g := range l.Generations {
		more = append(more, g.Stack)
	}
	slices.Sort(more)
	for _, name := range slices.Compact(more) {
		for resource, err := range stacks.Resources(ctx, name) {
			if errors.Is(err, cfn.ErrNotFound) {
				break // it was deleted
			}
			if err != nil {
				return r, err
			}
			r.resources[name] = append(r.resources[name], resource)
		}
		if len(r.resources[name]) == 0 {
			continue
		}
		if r.backends[name], err = clients.Backend(ctx, name, r.resources[name], listener); err != nil {
			return r, err
		}
	}
	all := slices.Collect(maps.Values(r.backends))
	if w.by == release.Record {
		r.traffic = clients.Record(base["HostedZoneId"], r.host, all...)
		return r, nil
	}
	e := environment.Permanent(w.service, w.environment)
	r.traffic = clients.Listener(listener, r.host, func(taken func(int) bool) (int, bool) {
		return environment.ProductionPriority(firstPriority(base), taken)
	}, e.Tags(environment.Repository{}).Map(), all...)
	return r, nil
}
