package route53

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

var (
	// ErrForeignRecord means that a name has records that do not only share its requests by weight.
	ErrForeignRecord = errors.New("it is not a weighted alias")
	// ErrConflict means that the records are not as the change expects them: another change came first.
	ErrConflict = errors.New("the records have changed meanwhile")
	// ErrPending means that not all name servers of Route 53 have a change yet.
	ErrPending = errors.New("the name servers of Route 53 do not all have the change yet")
)

// WeightedRecord is a weighted alias record of type A.
type WeightedRecord struct {
	ID     string // that tells it from the others of the name
	Weight int    // its share of the sum of all weights
	Host   string // DNS name of the load balancer that it is an alias of
	Zone   string // ID of the hosted zone of that name
	exact  *types.ResourceRecordSet
}

// Zone is one hosted zone, by its ID. API and ID must be set.
type Zone struct {
	API  *route53.Client
	ID   string
	Logf func(format string, args ...any) // logs what is waited for; may be nil
}

// Weighted returns the weighted alias records of a name. A read shows a change as soon as Route 53 has
// accepted it. The error wraps ErrForeignRecord if the name has other records that answer with an address.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func (z Zone) Weighted(ctx context.Context, name string) (list []WeightedRecord, err error) {
	records, err := z.answers(ctx, name)
	for _, r := range records {
		record, err := readRecord(r, name)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, err
}

func readRecord(r types.ResourceRecordSet, name string) (WeightedRecord, error) {
	switch {
	case r.Type != types.RRTypeA:
		return WeightedRecord{}, foreign(name, "it has a record of type "+string(r.Type))
	case r.AliasTarget == nil && r.SetIdentifier == nil:
		return WeightedRecord{}, foreign(name, "its record of type A is a simple one")
	case r.AliasTarget == nil:
		return WeightedRecord{}, foreign(name, "its record "+aws.ToString(r.SetIdentifier)+" is no alias of a load balancer")
	case r.Weight == nil:
		return WeightedRecord{}, foreign(name, "its record of type A has no weight: it is an alias of "+aws.ToString(r.AliasTarget.DNSName))
	}
	return WeightedRecord{
		ID: aws.ToString(r.SetIdentifier), Weight: int(*r.Weight), exact: &r,
		Host: bare(aws.ToString(r.AliasTarget.DNSName)), Zone: aws.ToString(r.AliasTarget.HostedZoneId),
	}, nil
}

func foreign(name, found string) error {
	e := hint.New("delete this record once it may be gone, and run the job again, which then creates a weighted one; "+
		"or change it in one batch to a weighted alias whose set identifier is the name of the stack that has the requests",
		"the records of %s do not share its requests by weight: %s", name, found)
	e.Cause = ErrForeignRecord
	return e
}

// bare returns a DNS name as people write it. The console writes dualstack. before a load balancer's.
func bare(name string) string {
	return strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(name), "."), "dualstack.")
}

// SameHost reports whether two DNS names are of the same load balancer.
func SameHost(a, b string) bool { return bare(a) == bare(b) }

// sameName compares names. Route 53 writes some characters as \052 and the like.
func sameName(a, b string) bool {
	plain := func(s string) string {
		return strings.TrimSuffix(strings.ToLower(strings.ReplaceAll(s, `\052`, "*")), ".")
	}
	return plain(a) == plain(b)
}

// busyTimeout is how long Change tries again while Route 53 works on earlier changes.
const busyTimeout = 2 * time.Minute

// Change replaces records of a name by others, in one batch: either all of it happens or nothing does. The
// batch deletes each old record exactly as it was read, and fails with ErrConflict if it is not so any more.
// It returns the change's ID, for Wait. While Route 53 works on an earlier change, Change tries again, for
// two minutes.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
func (z Zone) Change(ctx context.Context, name string, old, replacement []WeightedRecord) (id string, err error) {
	batch := &types.ChangeBatch{}
	for _, r := range old {
		batch.Changes = append(batch.Changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: r.exact})
	}
	for _, r := range replacement {
		batch.Changes = append(batch.Changes, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: r.set(name)})
	}
	waiting, err, until := poll.Reporter{Logf: z.Logf}, context.Cause(ctx), time.Now().Add(busyTimeout)
	for range poll.Paced(ctx, func(n int) time.Duration { return time.Second << min(n, 4) }) {
		var answer *route53.ChangeResourceRecordSetsOutput
		answer, err = z.API.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &z.ID, ChangeBatch: batch})
		if err == nil {
			return strings.TrimPrefix(aws.ToString(answer.ChangeInfo.Id), "/change/"), nil
		}
		if !isBusy(err) || time.Now().After(until) {
			break
		}
		waiting.Waiting("  waiting for the hosted zone of %s: Route 53 works on an earlier change of it", name)
	}
	if invalid := (*types.InvalidChangeBatch)(nil); errors.As(err, &invalid) && conflicts(invalid) {
		err = errors.Join(ErrConflict, err)
	}
	return "", fmt.Errorf("change the records of %s: %w", name, err)
}

// isBusy reports whether a change was refused because of others: an earlier one is not complete, or the
// account makes too many calls, five a second.
func isBusy(err error) bool {
	var prior *types.PriorRequestNotComplete
	var throttled *types.ThrottlingException
	return errors.As(err, &prior) || errors.As(err, &throttled)
}

// conflicts reports whether a batch was refused because a record is not there as given, or is there
// already: "Tried to delete resource record set … but the values provided do not match the current values",
// "… but it was not found", "Tried to create resource record set … but it already exists".
func conflicts(e *types.InvalidChangeBatch) bool {
	text := strings.Join(append(e.Messages, aws.ToString(e.Message)), " ")
	for _, part := range []string{"do not match the current values", "was not found", "already exists"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// set returns the record as a batch has it. Route 53 leaves out a load balancer without a healthy target as
// long as another record has one.
func (r WeightedRecord) set(name string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{
		Name: &name, Type: types.RRTypeA, SetIdentifier: &r.ID, Weight: aws.Int64(int64(r.Weight)),
		AliasTarget: &types.AliasTarget{DNSName: &r.Host, HostedZoneId: &r.Zone, EvaluateTargetHealth: true},
	}
}

// Wait returns once all name servers of Route 53 have a change. The error wraps ErrPending if ctx is done
// before.
func (z Zone) Wait(ctx context.Context, id string) error {
	waiting := poll.Reporter{Logf: z.Logf}
	for range poll.Every(ctx, 2*time.Second) {
		answer, err := z.API.GetChange(ctx, &route53.GetChangeInput{Id: &id})
		switch {
		case ctx.Err() != nil: // reported below
		case err != nil && !isBusy(err):
			return fmt.Errorf("follow change %s of Route 53: %w", id, err)
		case err == nil && answer.ChangeInfo.Status == types.ChangeStatusInsync:
			return nil
		}
		waiting.Waiting("  waiting until all name servers of Route 53 have change %s", id)
	}
	return fmt.Errorf("change %s: %w: %w", id, ErrPending, context.Cause(ctx))
}
