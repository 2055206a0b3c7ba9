package promotion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pr-stack/internal/poll"
	"pr-stack/internal/release"
	"pr-stack/internal/route53"
)

// propagation is how long Route 53 takes at most, as a rule, until all its name servers have a change.
const propagation = time.Minute

// records are production's weighted alias records, between the load balancers of stacks.
type records struct {
	zone     route53.Zone
	host     string
	backends []Backend
}

// Record returns the requests to a host whose records are in a hosted zone. The records are created when
// weights are first written, and deleted when nobody is to get requests.
func (c Clients) Record(zoneID, host string, backends ...Backend) Traffic {
	r := records{route53.Zone{API: c.Route53, ID: zoneID, Logf: c.Log.Line}, host, backends}
	return Traffic{
		What: r.what(),
		Read: func(ctx context.Context) (release.Weights, error) {
			_, weights, err := r.read(ctx)
			return weights, err
		},
		Write: r.write,
	}
}

func (r records) what() string { return "the weighted records of " + r.host }

// read returns the records and the percent by stack.
func (r records) read(ctx context.Context) ([]route53.WeightedRecord, release.Weights, error) {
	found, err := r.zone.Weighted(ctx, r.host)
	if err != nil {
		return nil, nil, err
	}
	weights := map[string]int{}
	for _, record := range found {
		weights[r.stack(record.Host)] += record.Weight
	}
	return found, shares(weights), nil
}

func (r records) stack(host string) string {
	for _, b := range r.backends {
		if route53.SameHost(b.Host, host) {
			return b.Stack
		}
	}
	return host
}

// write changes the records. Route 53 compares them itself: the batch names the old ones exactly.
func (r records) write(ctx context.Context, from, to release.Weights) error {
	var replacement []route53.WeightedRecord
	for _, stack := range slices.Sorted(maps.Keys(to)) {
		b, err := find(r.backends, stack)
		if err != nil {
			return err
		}
		replacement = append(replacement, route53.WeightedRecord{ID: b.Stack, Weight: to[stack], Host: b.Host, Zone: b.Zone})
	}
	found, err := compare(ctx, r.what(), from, r.read)
	if err != nil || maps.Equal(from, to) { // what was read is never older than the last change
		return err
	}
	id, err := r.change(ctx, found, replacement)
	if errors.Is(err, route53.ErrConflict) {
		return r.conflict(ctx, from, to, err)
	}
	if err != nil {
		return unconfirmed(err)
	}
	if err := r.zone.Wait(ctx, id); err != nil {
		return fmt.Errorf("%s: %w: Route 53 has accepted %s: %w", r.what(), ErrUnconfirmed, to, err)
	}
	return nil
}

func (r records) change(ctx context.Context, old, replacement []route53.WeightedRecord) (string, error) {
	ctx, cancel := outlive(ctx, inFlight)
	defer cancel()
	return r.zone.Change(ctx, r.host, old, replacement)
}

// conflict returns what a conflict means. If a call is repeated because its answer was lost, it conflicts
// with itself, and its change has no known ID to wait for.
func (r records) conflict(ctx context.Context, from, to release.Weights, conflict error) error {
	_, live, err := r.read(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w: %w", r.what(), ErrUnconfirmed, errors.Join(conflict, err))
	case !maps.Equal(live, to):
		return changed(r.what(), from, live)
	}
	if err := poll.Pause(ctx, propagation); err != nil {
		return fmt.Errorf("%s: %w: Route 53 has accepted %s: %w", r.what(), ErrUnconfirmed, to, err)
	}
	return nil
}
