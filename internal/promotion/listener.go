package promotion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
	"pr-stack/internal/release"
)

// priorityTries is how often a rule is created at most if others take its priority meanwhile.
const priorityTries = 3

// rule is production's rule on a listener, between target groups of stacks.
type rule struct {
	listener elb.Listener
	host     string
	priority func(taken func(int) bool) (int, bool)
	tags     map[string]string
	backends []Backend
	logf     func(format string, args ...any)
}

// Listener returns the requests for a host that come to a listener. Its rule is created when weights are
// first written, with a priority that is free and with tags, and deleted when nobody is to get requests.
func (c Clients) Listener(
	arn, host string, priority func(taken func(priority int) bool) (free int, ok bool), tags map[string]string, backends ...Backend,
) Traffic {
	r := rule{elb.Listener{API: c.ELB, ARN: arn}, host, priority, tags, backends, c.Log.Line}
	return Traffic{
		What: r.what(),
		Read: func(ctx context.Context) (release.Weights, error) {
			_, weights, err := r.read(ctx)
			return weights, err
		},
		Write: r.write,
	}
}

func (r rule) what() string { return "the rule of " + r.host + " on the shared listener" }

// read returns the rule, whose ARN is "" if there is none, and the percent by stack.
func (r rule) read(ctx context.Context) (elb.WeightedRule, release.Weights, error) {
	found, err := r.listener.Weighted(ctx, r.host)
	if errors.Is(err, elb.ErrNoRule) {
		return elb.WeightedRule{}, release.Weights{}, nil
	}
	if err != nil {
		return elb.WeightedRule{}, nil, err
	}
	weights := release.Weights{}
	for group, percent := range shares(found.Weights) {
		weights[r.stack(group)] = percent
	}
	return found, weights, nil
}

func (r rule) stack(group string) string {
	for _, b := range r.backends {
		if b.TargetGroup == group {
			return b.Stack
		}
	}
	return group
}

// write changes the weights, even if they are the same: what was read may be older than the last change.
// ELB compares nothing itself, so that somebody may change them between the read and the write.
func (r rule) write(ctx context.Context, from, to release.Weights) error {
	groups := map[string]int{}
	for stack, percent := range to {
		b, err := find(r.backends, stack)
		if err != nil {
			return err
		}
		groups[b.TargetGroup] = percent
	}
	found, err := compare(ctx, r.what(), from, r.read)
	if err != nil {
		return err
	}
	if err := r.change(ctx, found, groups); err != nil {
		return unconfirmed(err)
	}
	return r.confirm(ctx, to)
}

func (r rule) change(ctx context.Context, found elb.WeightedRule, groups map[string]int) error {
	ctx, cancel := outlive(ctx, inFlight)
	defer cancel()
	switch {
	case len(groups) == 0 && found.ARN == "":
		return nil
	case len(groups) == 0:
		return r.listener.Delete(ctx, found)
	case found.ARN == "":
		return r.create(ctx, groups)
	}
	return r.listener.SetWeights(ctx, found, groups)
}

// create creates the rule. If a call is repeated because its answer was lost, the rule's own priority is
// taken by itself.
func (r rule) create(ctx context.Context, groups map[string]int) (err error) {
	for range priorityTries {
		rules, errRules := r.listener.Rules(ctx)
		if errRules != nil {
			return errors.Join(err, errRules)
		}
		used := map[int]bool{}
		for _, other := range rules {
			used[other.Priority] = true
		}
		free, ok := r.priority(func(priority int) bool { return used[priority] })
		if !ok {
			return hint.New("remove rules that are not needed from the listener", "no priority is free for %s", r.what())
		}
		err = r.listener.Create(ctx, r.host, free, groups, r.tags)
		if !errors.Is(err, elb.ErrPriorityTaken) {
			return err
		}
		if found, errFound := r.listener.Weighted(ctx, r.host); errFound == nil && maps.Equal(found.Weights, groups) {
			return nil
		}
	}
	return err
}

// confirm returns once a read shows the weights.
func (r rule) confirm(ctx context.Context, want release.Weights) error {
	reading, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	var live release.Weights
	var last error
	waiting := poll.Reporter{Logf: r.logf}
	for range poll.Every(reading, time.Second) {
		_, found, err := r.read(reading)
		if err == nil && maps.Equal(found, want) {
			return nil
		}
		if reading.Err() == nil {
			live, last = found, err
		}
		waiting.Waiting("  waiting until %s is read as %s", r.what(), want)
	}
	switch {
	case last != nil:
		return fmt.Errorf("%s: %w: ELB has accepted %s, and they could not be read again: %w", r.what(), ErrUnconfirmed, want, last)
	case live == nil:
		return fmt.Errorf("%s: %w: ELB has accepted %s: %w", r.what(), ErrUnconfirmed, want, context.Cause(reading))
	}
	return fmt.Errorf("%s: %w: ELB has accepted %s, and still says %s", r.what(), ErrUnconfirmed, want, live)
}
