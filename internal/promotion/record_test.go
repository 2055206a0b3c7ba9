package promotion

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
	"pr-stack/internal/release"
	"pr-stack/internal/route53"
)

// put creates a record of production's name.
func (a *account) put(r types.ResourceRecordSet) {
	a.Helper()
	r.Name = aws.String(host)
	_, err := a.Route53.ChangeResourceRecordSets(a.Context(), &sdk.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String("Z1"), ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: types.ChangeActionCreate, ResourceRecordSet: &r}}},
	})
	if err != nil {
		a.Fatal(err)
	}
	<-time.After(time.Minute)
}

// Records that answer with an address and do not share the requests by weight are not ours.
func TestRecord_refuses_records_that_are_not_its_own(t *testing.T) {
	alias := func(a *account) *types.AliasTarget { return &types.AliasTarget{DNSName: &a.old.Host, HostedZoneId: &a.old.Zone} }
	address := []types.ResourceRecord{{Value: aws.String("192.0.2.1")}}
	for want, record := range map[string]func(a *account) types.ResourceRecordSet{
		"its record of type A is a simple one": func(*account) types.ResourceRecordSet {
			return types.ResourceRecordSet{Type: types.RRTypeA, TTL: aws.Int64(60), ResourceRecords: address}
		},
		"its record of type A has no weight: it is an alias of ": func(a *account) types.ResourceRecordSet {
			return types.ResourceRecordSet{Type: types.RRTypeA, AliasTarget: alias(a)}
		},
		"its record x is no alias of a load balancer": func(*account) types.ResourceRecordSet {
			return types.ResourceRecordSet{Type: types.RRTypeA, TTL: aws.Int64(60), ResourceRecords: address, SetIdentifier: aws.String("x"), Weight: aws.Int64(1)}
		},
		"it has a record of type CNAME": func(*account) types.ResourceRecordSet {
			return types.ResourceRecordSet{Type: types.RRTypeCname, TTL: aws.Int64(60), ResourceRecords: []types.ResourceRecord{{Value: aws.String("example.org")}}}
		},
		"it has a record of type AAAA": func(a *account) types.ResourceRecordSet {
			return types.ResourceRecordSet{Type: types.RRTypeAaaa, AliasTarget: alias(a), SetIdentifier: aws.String("x"), Weight: aws.Int64(1)}
		},
	} {
		t.Run(want, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				a.put(record(a))
				err := a.traffic().Write(a.Context(), release.Weights{}, release.Only(a.new.Stack))
				want := "the records of " + host + " do not share its requests by weight: " + want
				if !errors.Is(err, route53.ErrForeignRecord) || !strings.HasPrefix(err.Error(), want) || len(hint.Of(err)) != 1 {
					a.Errorf("Write = %v with the hints %q, want %s and one hint", err, hint.Of(err), want)
				}
			}, release.Record)
		})
	}
}

// Other records of the name are nobody's business here.
func TestRecord_leaves_other_types_alone(t *testing.T) {
	inAccount(t, fakeaws.Options{PageSize: 1}, func(a *account) {
		a.put(types.ResourceRecordSet{Type: types.RRTypeTxt, TTL: aws.Int64(60), ResourceRecords: []types.ResourceRecord{{Value: aws.String(`"text"`)}}})
		a.serve()
		a.write(release.Between(a.old.Stack, a.new.Stack, 40))
		if got := a.weights(); got != "hello-pr-7 60 %, hello-pr-9 40 %" {
			a.Errorf("the weights are %s", got)
		}
		if got := sorted(a.ask(10)); got != "hello-pr-7 6, hello-pr-9 4" {
			a.Errorf("the requests were answered by %s", got)
		}
	}, release.Record)
}

// Route 53 makes one change of a zone at a time.
func TestRecord_waits_for_earlier_changes_of_the_zone(t *testing.T) {
	for name, times := range map[string]int{"some": 9, "endless": 0} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				a.serve()
				a.Inject(fakeaws.Fault{
					Operation: "ChangeResourceRecordSets", Times: times, Code: "PriorRequestNotComplete",
					Message: "The request was rejected because Route 53 was still processing a prior request.",
				})
				began := time.Now()
				err := a.traffic().Write(a.Context(), release.Only(a.old.Stack), release.Only(a.new.Stack))
				took := time.Since(began)
				if (err == nil) != (times > 0) || took > 4*time.Minute || times > 0 && a.weights() != "hello-pr-9 100 %" {
					a.Errorf("Write = %v after %s, and the weights are %s", err, took, a.weights())
				}
				if times == 0 && !strings.Contains(fmt.Sprint(err), "PriorRequestNotComplete") {
					a.Errorf("Write = %v, want PriorRequestNotComplete", err)
				}
			}, release.Record)
		})
	}
}

// A batch is compare-and-swap: what has changed since it was read is not overwritten.
func TestRecord_does_not_overwrite_a_change_of_the_last_moment(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		a.serve()
		other := route53.Zone{API: sdk.NewFromConfig(a.Config()), ID: "Z1"}
		a.calls.before = func(_ int, operation string) {
			if !isWrite(operation) {
				return
			}
			old, err := other.Weighted(a.Context(), host)
			if err == nil {
				_, err = other.Change(a.Context(), host, old, []route53.WeightedRecord{{ID: "hello-pr-9", Weight: 100, Host: a.new.Host, Zone: a.new.Zone}})
			}
			if err != nil {
				a.Error(err)
			}
		}
		err := a.Shift(a.Context(), a.unjudged())
		want := "expected hello-pr-7 100 %, and AWS says hello-pr-9 100 %"
		if !errors.Is(err, ErrChanged) || !strings.HasSuffix(err.Error(), want) || a.calls.writes() != 1 {
			a.Errorf("Shift = %v after %d changes, want %s", err, a.calls.writes(), want)
		}
	}, release.Record)
}

// The SDK repeats a call whose answer is lost. The second one finds that the first has done it all.
func TestWrite_takes_its_own_change_for_success(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		for _, operation := range []string{"CreateRule", "ModifyRule", "DeleteRule", "ChangeResourceRecordSets"} {
			a.Inject(fakeaws.Fault{Operation: operation, Times: 1, Lost: true})
		}
		w := []release.Weights{{}, release.Only(a.old.Stack), release.Between(a.old.Stack, a.new.Stack, 5), {}}
		for i, to := range w[1:] {
			if err := a.traffic().Write(a.Context(), w[i], to); err != nil || a.weights() != to.String() {
				a.Errorf("Write(%s) = %v, and the weights are %s", to, err, a.weights())
			}
			if a.listener == "" {
				a.Inject(fakeaws.Fault{Operation: "ChangeResourceRecordSets", Times: 1, Lost: true})
			}
		}
	})
}
