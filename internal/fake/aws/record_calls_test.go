package aws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// records is an account with two load balancers: that of shared answers with 404, and the other one with
// "other".
type records struct {
	*shared
	api   *route53.Client
	other string // DNS name
}

const fixedBalancer = `
Resources:
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "200", MessageBody: other}}]}
Outputs: {Host: {Value: !GetAtt Balancer.DNSName}}
`

func withRecords(t *testing.T, options fakeaws.Options, test func(r *records)) {
	t.Helper()
	onShared(t, options, func(s *shared) {
		once := func(o *route53.Options) { o.Retryer = aws.NopRetryer{} }
		test(&records{s, route53.NewFromConfig(s.Config(), once), s.deploy("fixed", fixedBalancer, nil)["Host"]})
	})
}

// weightedAlias returns a weighted alias of production's name.
func weightedAlias(id string, weight int64, target string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{
		Name: aws.String(production), Type: types.RRTypeA, SetIdentifier: &id, Weight: &weight,
		AliasTarget: &types.AliasTarget{DNSName: &target, HostedZoneId: aws.String("Z23TAZ6LKFMNIO")},
	}
}

func create(r *types.ResourceRecordSet) types.Change {
	return types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: r}
}

func remove(r *types.ResourceRecordSet) types.Change {
	return types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: r}
}

func (r *records) change(changes ...types.Change) (id string, err error) {
	answer, err := r.api.ChangeResourceRecordSets(r.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String("Z1"), ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
	if err != nil {
		return "", err
	}
	return *answer.ChangeInfo.Id, nil
}

func (r *records) must(changes ...types.Change) (id string) {
	r.Helper()
	id, err := r.change(changes...)
	if err != nil {
		r.Fatalf("ChangeResourceRecordSets = %v", err)
	}
	return id
}

func (r *records) wantStatus(id string, want types.ChangeStatus) {
	r.Helper()
	answer, err := r.api.GetChange(r.Context(), &route53.GetChangeInput{Id: &id})
	if err != nil || answer.ChangeInfo.Status != want {
		r.Errorf("GetChange = %v, %v, want %s", answer, err, want)
	}
}

func TestRecords_share_the_answers(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		stable, candidate := weightedAlias("stable", 95, r.out["Host"]), weightedAlias("candidate", 5, r.other)
		id := r.must(create(stable), create(candidate))
		r.wantStatus(id, types.ChangeStatusPending)
		r.want("not yet", r.requests(2), "404", 2) // the wildcard's answer
		<-time.After(35 * time.Second)
		r.wantStatus(id, types.ChangeStatusInsync)
		r.want("95 and 5", r.requests(100), "404", 95, "other", 5)

		less, more := weightedAlias("stable", 1, r.out["Host"]), weightedAlias("candidate", 3, r.other)
		r.must(remove(stable), create(less), remove(candidate), create(more))
		r.want("until it is propagated", r.requests(20), "404", 19, "other", 1)
		<-time.After(35 * time.Second)
		r.want("1 and 3", r.requests(8), "404", 2, "other", 6)

		zero := func(id, target string) types.Change {
			return types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: weightedAlias(id, 0, target)}
		}
		r.must(zero("stable", r.out["Host"]))
		<-time.After(35 * time.Second)
		r.want("0 and 3", r.requests(4), "other", 4)
		r.must(zero("candidate", r.other))
		<-time.After(35 * time.Second)
		r.want("both 0", r.requests(4), "404", 2, "other", 2)
	})
}

func TestRecords_are_kept_by_a_resolver(t *testing.T) {
	withRecords(t, fakeaws.Options{ResolverTTL: time.Minute}, func(r *records) {
		r.must(create(weightedAlias("stable", 1, r.out["Host"])), create(weightedAlias("candidate", 1, r.other)))
		<-time.After(35 * time.Second)
		for range 2 {
			for _, answer := range []string{"other", "404"} {
				r.want("within a minute", r.requests(10), answer, 10)
				<-time.After(time.Minute)
			}
		}
	})
}

func TestRecords_of_unhealthy_targets_are_left_out(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		empty := r.deploy("empty", strings.Replace(otherBalancer, "Outputs: {", "Outputs: {Host: {Value: !GetAtt Balancer.DNSName}, ", 1), nil)["Host"]
		bad, good := weightedAlias("candidate", 99, empty), weightedAlias("stable", 1, r.other)
		r.must(create(bad), create(good))
		<-time.After(35 * time.Second)
		r.want("not evaluated", r.requests(100), "503", 99, "other", 1)
		checked := weightedAlias("candidate", 99, empty)
		checked.AliasTarget.EvaluateTargetHealth = true
		r.must(remove(bad), create(checked))
		<-time.After(35 * time.Second)
		r.want("evaluated", r.requests(10), "other", 10)
		r.must(remove(good))
		<-time.After(35 * time.Second)
		r.want("alone", r.requests(2), "503", 2)
	})
}

func TestRecords_are_refused(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		one := weightedAlias("one", 1, r.other)
		r.must(create(one))
		simple := weightedAlias("one", 1, r.other)
		simple.SetIdentifier, simple.Weight = nil, nil
		wildcard := weightedAlias("two", 1, r.other)
		wildcard.Name = aws.String("*.example.com")
		elsewhere := weightedAlias("two", 1, r.other)
		elsewhere.Name = aws.String("example.org")
		wrongZone := weightedAlias("two", 1, r.other)
		wrongZone.AliasTarget.HostedZoneId = aws.String("Z1")
		const named = "[name='production.example.com.', type='A', set identifier='"
		for want, changes := range map[string][]types.Change{
			"Tried to create resource record set " + named + "one'] but it already exists":                                                                            {create(one)},
			"Tried to delete resource record set " + named + "one'] but the values provided do not match the current values":                                          {remove(weightedAlias("one", 2, r.other))},
			"Tried to delete resource record set " + named + "two'] but it was not found":                                                                             {remove(weightedAlias("two", 1, r.other))},
			"RRSet with DNS name production.example.com., type A cannot be created as other RRSets exist with the same name and type.":                                {create(simple)},
			"RRSet with DNS name *.example.com., type A, SetIdentifier two cannot be created as a non-weighted set exists with the same name and type.":               {create(wildcard)},
			"RRSet with DNS name example.org. is not permitted in zone example.com.":                                                                                  {create(elsewhere)},
			"Tried to create an alias that targets " + r.other + "., type A in zone Z1, but the alias target name does not lie within the target zone":                {create(wrongZone)},
			"Tried to create resource record set " + named + "one'] but it already exists, Tried to delete resource record set " + named + "x'] but it was not found": {create(one), remove(weightedAlias("x", 1, r.other))},
		} {
			_, err := r.change(append([]types.Change{create(weightedAlias("new", 7, r.other))}, changes...)...)
			if got := code(err); got != "InvalidChangeBatch: ["+want+"]" {
				r.Errorf("%s, want %s", got, want)
			}
		}
		nameless := weightedAlias("", 1, r.other)
		nameless.SetIdentifier = nil
		const missing = "InvalidInput: Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=production.example.com., Type=A, SetIdentifier=null]"
		if _, err := r.change(create(nameless)); code(err) != missing {
			r.Errorf("%s, want %s", code(err), missing)
		}
		if got := r.list("", 0); strings.Contains(got, "new") {
			r.Errorf("a part of a refused batch is in effect: %s", got)
		}
		for i := range 99 {
			r.must(create(weightedAlias(fmt.Sprint("more", i), 1, r.other)))
		}
		_, err := r.change(create(weightedAlias("last", 1, r.other)))
		if got := code(err); !strings.Contains(got, "Exceeded limit on number of weighted RRSets for production.example.com., type A in this zone.") {
			r.Errorf("the 101st weighted record: %s", got)
		}
		_, err = r.api.ListResourceRecordSets(r.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String("Z9")})
		if got := code(err); got != "NoSuchHostedZone: No hosted zone found with ID: Z9" {
			r.Error(got)
		}
		r.Inject(fakeaws.Fault{Operation: "ChangeResourceRecordSets", Times: 1, Code: "PriorRequestNotComplete",
			Message: "The request was rejected because Route 53 was still processing a prior request."})
		if _, err := r.change(remove(one)); !strings.HasPrefix(code(err), "PriorRequestNotComplete") {
			r.Error(err)
		}
		r.must(remove(one))
	})
}

// list returns the records of the zone from a name on, all pages of that size together.
func (r *records) list(from string, size int32) string {
	r.Helper()
	var list []string
	input := &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String("/hostedzone/Z1")}
	if from != "" {
		input.StartRecordName, input.MaxItems = &from, &size
	}
	for {
		answer, err := r.api.ListResourceRecordSets(r.Context(), input)
		if err != nil {
			r.Fatal(err)
		}
		for _, one := range answer.ResourceRecordSets {
			text := *one.Name + " " + string(one.Type)
			if one.Weight != nil {
				text += fmt.Sprintf(" %s=%d", *one.SetIdentifier, *one.Weight)
			}
			list = append(list, text)
		}
		if !answer.IsTruncated {
			return strings.Join(list, ", ")
		}
		input.StartRecordName, input.StartRecordType, input.StartRecordIdentifier = answer.NextRecordName, answer.NextRecordType, answer.NextRecordIdentifier
	}
}

func TestRecords_are_listed_from_a_name_on(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		r.must(create(weightedAlias("a", 1, r.other)), create(weightedAlias("b", 2, r.other)))
		const both = "production.example.com. A a=1, production.example.com. A b=2"
		if got := r.list(production, 1); got != both {
			r.Errorf("from production: %s, want %s", got, both)
		}
		const all = "example.com. NS, example.com. SOA, \\052.example.com. A, " + both
		if got := r.list("", 0); got != all {
			r.Errorf("all: %s, want %s", got, all)
		}
	})
}

// A record set of a template is in the same zone, and is deleted with its stack.
func TestRecords_of_a_template(t *testing.T) {
	withRecords(t, fakeaws.Options{}, func(r *records) {
		r.deploy("record", fmt.Sprintf(`
Resources:
  Record:
    Type: AWS::Route53::RecordSet
    Properties: {HostedZoneId: Z1, Name: production.example.com, Type: A, SetIdentifier: stable, Weight: 10, AliasTarget: {DNSName: %s, HostedZoneId: Z23TAZ6LKFMNIO}}`,
			r.other), nil)
		r.must(create(weightedAlias("candidate", 10, r.out["Host"])))
		<-time.After(35 * time.Second)
		r.want("of both", r.requests(4), "404", 2, "other", 2)
		r.must(remove(weightedAlias("stable", 10, r.other)), create(weightedAlias("stable", 30, r.other)))
		if got, want := r.list(production, 9), "production.example.com. A candidate=10, production.example.com. A stable=30"; got != want {
			r.Errorf("the records are %s, want %s", got, want)
		}
		if _, err := r.cfn.DeleteStack(r.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("record")}); err != nil {
			r.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		r.want("of one", r.requests(4), "404", 4)
	})
}
